/**
 * What asking the engine needs.
 *
 * @module
 */
import type { CommandNeeds } from "../host/command_needs.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { Logger } from "../log/logger.ts";
import type { EventPayload } from "../events/launch_event.ts";
import type { PortView } from "../cleanup/listeners.ts";
import { isJudged } from "../configuration/health_choice.ts";

/** What asking the engine needs. */
export interface WatchNeeds extends CommandNeeds {
  /** What the environment asks for. */
  readonly configuration: Configuration;
  /** The engine's command. */
  readonly argv: readonly string[];
  /** Whether the engine is one process: several cannot share one port. */
  readonly isSingle: boolean;
  /** The engine's `startsecs`, ms. */
  readonly startMs: number;
  /** Time in which this process ran, and in which it did not, ms. */
  readonly clock: { readonly nowMs: number; readonly lostMs: number };
  /** Looks who listens on a port, seen from the engine's main process. */
  readonly look: (port: number, leader: number) => Promise<PortView>;
  /** What the engine has printed in this run, as far as it is kept. */
  readonly readLines: () => readonly string[];
  readonly log: Logger;
  /** Told when the probe gives another answer than before. */
  readonly onEvent: (event: EventPayload) => void;
  /** Called when there is something to be looked at. */
  readonly onChange: () => void;
}

/** Tells whether an engine that is known may be asked when it has started. */
export function mayAskStart({ configuration: { settings }, isSingle }: WatchNeeds): boolean {
  return settings.healthUrl === "" && !isJudged(settings) && settings.engine !== "none" && isSingle;
}
