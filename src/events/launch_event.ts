/**
 * Everything that happens in a launch, as data: what every report is made of.
 *
 * @module
 */
import type { Exit } from "../formats/exit.ts";
import type { EngineEvent } from "../policy/engine_event.ts";
import type { ExitReport, Outcome } from "../policy/outcome.ts";

/** What a program that supervisord alone restarts is doing. */
export type SidecarState = "running" | "stopping" | "stopped" | "ended" | "fatal";

/** What happened, without the time. */
export type EventPayload =
  | EngineEvent
  /** What the model asks for is being installed, or no longer is. */
  | { readonly kind: "installing" | "installed" }
  /** A program that is not ours to restart does something else than before. */
  | {
    readonly kind: "program";
    /** `group:process`. */
    readonly name: string;
    readonly state: SidecarState;
    /** `undefined` where it does not run. */
    readonly pid: number | undefined;
    /** How it ended last, where it has. */
    readonly exit: Exit | undefined;
  }
  /** The engine's probe gives another answer than before; `reason` tells why it is no good one. */
  | { readonly kind: "probe"; readonly reason: string | undefined }
  /** Everything is being stopped: somebody asked for it, or a limit was reached. */
  | { readonly kind: "stopping"; readonly reason: string }
  /**
   * Everything has ended: `gaveUp` where a limit was reached or recovery is hopeless, `stopped` in any
   * other way, which `outcome` tells.
   */
  | {
    readonly kind: "gaveUp" | "stopped";
    readonly outcome: Outcome;
    /** The exit code that says so. */
    readonly exit: ExitReport;
  };

/** What happened, and when. */
export type LaunchEvent = EventPayload & {
  /** The time of day. */
  readonly at: Date;
};
