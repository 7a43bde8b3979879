/**
 * What is remembered of one managed process, the engine's or a critical program's, and the limits that
 * it is held to.
 *
 * @module
 */
import type { EngineEvent } from "./engine_event.ts";
import type { Action } from "./observation.ts";
import type { Outcome } from "./outcome.ts";
import type { Exit } from "../formats/exit.ts";

/** When an engine's end calls for a restart: supervisord's `autorestart`. */
export type Autorestart = "always" | "unexpected" | "never";

/** The limits and times of one program whose restarts are ours. */
export interface EnginePolicy {
  /** Whether it is started without being asked for: supervisord's `autostart`. */
  readonly autostart: boolean;
  /** When its end calls for a restart. */
  readonly autorestart: Autorestart;
  /** Exit codes that call for none where `autorestart` is `unexpected`. */
  readonly expectedCodes: ReadonlySet<number>;
  /** Failed starts in a row that are retried. */
  readonly maxStartRetries: number;
  /** Recoveries inside the window; `Infinity` for no limit. */
  readonly maxRecoveryAttempts: number;
  /** The window, ms. */
  readonly recoveryWindowMs: number;
  /** How long a run must last to count as started where there is no probe, ms. */
  readonly startMs: number;
  /** How long a probe may take to call it ready, ms; `undefined` where there is no probe. */
  readonly startupTimeoutMs?: number | undefined;
  /** How long it may take to end once it was told, ms: supervisord's `stopwaitsecs`. */
  readonly stopWaitMs: number;
  /** How long it may take where it is stopped since it hangs, and so cannot drain, ms. */
  readonly hangGraceMs: number;
  /** Whether a failed start is retried even where its cause makes that hopeless. */
  readonly retriesHopeless?: boolean | undefined;
  /**
   * What tells that it is one of several in containers of their own, so that its crash ends this one at
   * once; `undefined` where it is restarted here.
   */
  readonly group?: string | undefined;
  /** The memory past which it is recycled; `undefined` for any. */
  readonly memory?: MemoryLimit | undefined;
  /**
   * How long evidence of a hang may be collected before it is told to stop, ms; `undefined` or 0 where
   * none is wanted.
   */
  readonly evidenceMs?: number | undefined;
  /** Whether its next run can be spawned while it may not begin yet, so that it can be stopped. */
  readonly holdsStarts?: boolean | undefined;
  /** What keeps its command in the foreground, where that is known: `-g 'daemon off;'`. */
  readonly foregroundHint?: string | undefined;
}

/** How much memory an engine may use. */
export interface MemoryLimit {
  /** Past this it is recycled once it is idle, bytes. */
  readonly limitBytes: number;
  /** Past this it is recycled whatever it does, bytes. */
  readonly hardBytes: number;
}

/** That a run is being stopped by us, since it hangs or uses too much memory. */
export interface Condemnation {
  /** Why, as in "is unhealthy: 3 failed probes". */
  readonly reason: string;
  /** When it was condemned, or its evidence was collected, ms: its grace begins. */
  readonly sinceMs: number;
  /** Whether it works, and is only recycled: it has its whole grace, and it is no crash. */
  readonly isPlanned?: true;
  /** Until when evidence is collected, ms; `undefined` once it has been told to stop. */
  readonly evidenceUntilMs?: number | undefined;
  /** When its stop was last ordered, ms. */
  readonly orderedMs: number;
  /** When it was killed, ms; `undefined` before its grace was over. */
  readonly killedMs: number | undefined;
  /** When it was last said that it does not end, ms. */
  readonly saidMs: number;
}

/** Where one engine process stands. */
export type Run =
  /** Not seen yet. */
  | { readonly kind: "new" }
  /** Stopped on somebody's order. */
  | {
    readonly kind: "absent";
    /** Which process was stopped and when, ms, until that is reported. */
    readonly unreported?: { readonly pid: number; readonly sinceMs: number };
  }
  | {
    readonly kind: "up";
    /** `undefined` between our order to start and the first look. */
    readonly pid: number | undefined;
    /** When it was spawned, ms. */
    readonly sinceMs: number;
    /** When it counted as started, ms; `undefined` before. */
    readonly startedAtMs: number | undefined;
    /** Set where it is being stopped by us. */
    readonly condemned: Condemnation | undefined;
    /** Whether it was said that it is past its memory limit. */
    readonly isMemorySaid?: true;
    /** Whether it was told that somebody stops it by hand. */
    readonly isDrainSaid?: true;
  }
  | {
    readonly kind: "down";
    /** Which run has ended. */
    readonly run: number;
    /** Since when, ms. */
    readonly sinceMs: number;
    /** When it may be started again, ms. */
    readonly untilMs: number;
    /** The next run, if it is held; its pid once that has been seen. */
    readonly held?: { readonly pid: number | undefined } | undefined;
    /** How often its next run was held, if a held one has ended. */
    readonly holds?: number;
  };

/** What is remembered of one engine process. */
export interface EngineState {
  /** Where it stands. */
  readonly run: Run;
  /** How many runs of it there were. */
  readonly runs: number;
  /** Failed starts in a row. */
  readonly failedStarts: number;
  /** Runs in a row that started and ended before they were stable. */
  readonly shortRuns: number;
  /** When each recovery inside the window began, ms. */
  readonly recoveriesMs: readonly number[];
  /** How it ended last. */
  readonly lastExit: Exit | undefined;
  /** Whether any run of it has started. */
  readonly hasStarted?: true;
  /** When it was last recycled for its memory, ms. */
  readonly recycledAtMs?: number | undefined;
  /** When it died, ms, while it has not started again since. */
  readonly diedAtMs: number | undefined;
}

/** An engine process nothing is known of yet. */
export const UNSEEN: EngineState = {
  run: { kind: "new" },
  runs: 0,
  failedStarts: 0,
  shortRuns: 0,
  recoveriesMs: [],
  lastExit: undefined,
  diedAtMs: undefined,
};

/** What was decided for one engine process. */
export interface EngineDecision {
  /** The state to pass in next time. */
  readonly state: EngineState;
  /** What to do now, in order. */
  readonly actions: readonly Action[];
  /** What happened to it, in order. */
  readonly events?: readonly EngineEvent[] | undefined;
  /** Set where the container must end. */
  readonly outcome?: Outcome | undefined;
  /** Whether there is nothing left to wait for, since it cannot be killed. */
  readonly isHopeless?: boolean;
  /** When to decide again, ms. */
  readonly wakeAtMs?: number | undefined;
}

/** A run that is not known to have ended. */
export type UpRun = Extract<Run, { kind: "up" }>;
