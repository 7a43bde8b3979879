/**
 * What a supervised run needs.
 *
 * @module
 */
import type { Configuration, Environment } from "../configuration/configuration.ts";
import type { Logger } from "../log/logger.ts";
import type { EventPayload } from "../events/launch_event.ts";
import type { Limits } from "../status/instance.ts";
import type { ProbeCounts } from "../status/metrics.ts";
import type { OutputTail } from "../output/output_tail.ts";
import type { OutputTarget } from "../output/plan_output.ts";
import type { RpcAddress } from "../supervisord/rpc_client.ts";
import type { SignalSource } from "../linux/signals.ts";

/** What a supervised run is, once it has begun. */
export interface SpawnFacts {
  /** supervisord's pid. */
  readonly pid: number;
  /** Where supervisord listens, and as whom to speak to it. */
  readonly address: RpcAddress;
  /** The run directory, which only its owner may enter. */
  readonly directory: string;
  /** The engine's processes, `group:process` each. */
  readonly engineNames: ReadonlySet<string>;
  /** What every managed process is held to. */
  readonly limits: ReadonlyMap<string, Limits>;
  /** How long a stop of everything may take, ms. */
  readonly shutdownGraceMs?: number;
}

/** What can be asked of a run while it goes on, and after. */
export interface RunView {
  /** The engine's last words; `undefined` where they are not kept. */
  readonly tail: Pick<OutputTail, "readLines"> | undefined;
  /** What the engine was asked so far. */
  readonly readCounts: () => ProbeCounts;
}

/** What a supervised run needs. */
export interface SuperviseOptions {
  /** What the environment asks for. */
  readonly configuration: Configuration;
  /** The command and its arguments. */
  readonly argv: readonly string[];
  /** The environment to read. */
  readonly env: Environment;
  /** Whether the engine gets this process's own environment, byte for byte, rather than `env` alone. */
  readonly inheritsEnv: boolean;
  /** Whether our stdin is the engine's to read. */
  readonly readsStdin: boolean;
  /** Where the engine's output goes. */
  readonly output: OutputTarget;
  /**
   * Whether this process adopts what the engine orphans, and which of its children are reaped: those of
   * this run, or all that Deno did not spawn for us, which is right where nothing else spawns any.
   */
  readonly adoption: "none" | "ours" | "all";
  /** Signals to act on. */
  readonly signals: SignalSource;
  /** Receives log lines. */
  readonly log: Logger;
  /** Children of ours that are not the run's, while they last; grows and shrinks. */
  readonly ownChildren: Set<number>;
  /** Called once supervisord has been spawned. */
  readonly onSpawn: (spawned: SpawnFacts) => void;
  /** Called once all has ended, before the run's files are removed. */
  readonly onEnd: () => void;
  /** Called once with what can be asked of the run. */
  readonly onView: (view: RunView) => void;
  /** Called with what happens to the engine and beside it. */
  readonly onEvent: (event: EventPayload) => void;
}
