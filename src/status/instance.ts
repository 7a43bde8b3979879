/**
 * What does not change while an instance runs: who it is, and what it is held to.
 *
 * @module
 */

/** The limits of one managed process, for a report. */
export interface Limits {
  /** Failed starts in a row that are retried. */
  readonly maxStartRetries: number;
  /** Recoveries inside the window; `Infinity` for no limit. */
  readonly maxRecoveryAttempts: number;
  /** The window, ms. */
  readonly recoveryWindowMs: number;
  /** How long a run must last to count as started where there is no probe, ms. */
  readonly startMs?: number | undefined;
  /** How long a probe may take to call it ready, ms; `undefined` where there is none. */
  readonly startupTimeoutMs?: number | undefined;
}

/** One running instance of standard-supervisor. */
export interface Instance {
  /** Our own pid. */
  readonly pid: number;
  /** When the kernel says that it began, clock ticks since boot: with the pid it is unmistakable. */
  readonly startTicks: string | undefined;
  /** Which pid namespace that is in, as `/proc/self/ns/pid` tells it. */
  readonly pidNamespace?: string | undefined;
  /** supervisord's pid; `undefined` before it is spawned, and without it. */
  readonly supervisordPid: number | undefined;
  /** standard-supervisor's version. */
  readonly version: string;
  /** When the launch began. */
  readonly startedAt: Date;
  /** Where supervisord's configuration is written for people. */
  readonly configPath: string;
  /** The engine's name, as `PROCESS_ENGINE` takes it. */
  readonly engine: string;
  /** The command, secrets masked. */
  readonly command: readonly string[];
  /** The engine's processes, `group:process` each; all other managed ones are critical programs. */
  readonly engineNames: ReadonlySet<string>;
  /** The limits of every managed process. */
  readonly limits: ReadonlyMap<string, Limits>;
}
