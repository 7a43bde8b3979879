/**
 * What one engine process is due: to be left alone, swept up after, started again, or given up.
 *
 * Two limits hold. Failed starts in a row: deaths before the engine was started. Recoveries inside a
 * rolling window: deaths after it. A row of failed starts ends only once a run has been stable
 * ({@linkcode STABLE_MS} past its start), so that an engine which dies right at the border between the
 * two is never restarted more often than both limits together allow.
 *
 * @module
 */
import { type Exit, type Outcome, renderExit } from "./outcome.ts";
import type { Action, Observation, ProcessObservation } from "./policy.ts";

/** When an engine's end calls for a restart: supervisord's `autorestart`. */
export type Autorestart = "always" | "unexpected" | "never";

/** The limits and times of one engine. */
export interface EnginePolicy {
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
}

/** Where one engine process stands. */
export type Run =
  /** Not seen yet, or stopped on somebody's order. */
  | { readonly kind: "absent" }
  | {
    readonly kind: "up";
    /** `undefined` between our order to start and the first look. */
    readonly pid: number | undefined;
    /** When it was spawned, ms. */
    readonly sinceMs: number;
    /** When it counted as started, ms; `undefined` before. */
    readonly startedAtMs: number | undefined;
    /** Why it is being stopped by us. */
    readonly condemned: string | undefined;
  }
  | {
    readonly kind: "down";
    /** When it may be started again, ms. */
    readonly untilMs: number;
  };

/** What is remembered of one engine process. */
export interface EngineState {
  /** Where it stands. */
  readonly run: Run;
  /** How often it was spawned in all. */
  readonly starts: number;
  /** Failed starts in a row. */
  readonly failedStarts: number;
  /** When each recovery inside the window began, ms. */
  readonly recoveriesMs: readonly number[];
  /** How it ended last. */
  readonly lastExit: Exit | undefined;
}

/** An engine process nothing is known of yet. */
export const UNSEEN: EngineState = {
  run: { kind: "absent" },
  starts: 0,
  failedStarts: 0,
  recoveriesMs: [],
  lastExit: undefined,
};

/**
 * How long past its start a run must last to end a row of failed starts, ms. Long enough that a
 * crash at the border of `startsecs` is no proof of health, short beside any model's load.
 */
export const STABLE_MS = 10_000;

/** Before the n-th retry of a failed start, n times this, as supervisord does, ms. */
export const BACK_OFF_STEP_MS = 1_000;

/** What was decided for one engine process. */
export interface EngineDecision {
  /** The state to pass in next time. */
  readonly state: EngineState;
  /** What to do now, in order. */
  readonly actions: readonly Action[];
  /** Set where the container must end. */
  readonly outcome?: Outcome | undefined;
  /** When to decide again, ms. */
  readonly wakeAtMs?: number | undefined;
}

type UpRun = Extract<Run, { kind: "up" }>;

/**
 * Decides what one engine process is due.
 *
 * @param policy Limits and times.
 * @param state What is remembered of it.
 * @param process What it does now.
 * @param observation What else is so.
 * @param nowMs A monotonic clock, ms.
 * @returns The next state, actions, an outcome where it is over.
 */
export function decideEngine(
  policy: EnginePolicy,
  state: EngineState,
  process: ProcessObservation,
  observation: Observation,
  nowMs: number,
): EngineDecision {
  const { status, name } = process;
  const { run } = state;
  switch (status.kind) {
    case "stopping":
      return { state, actions: [] };
    case "alive":
      if (run.kind === "up" && (run.pid === undefined || run.pid === status.pid)) {
        return decideUp(policy, state, { ...run, pid: status.pid }, name, observation, nowMs);
      }
      return decideUp(
        policy,
        { ...state, starts: state.starts + 1 },
        spawned(nowMs, status.pid),
        name,
        observation,
        nowMs,
      );
    case "stopped":
      if (run.kind === "up" && run.condemned !== undefined) {
        return decideDeath(policy, state, run, name, undefined, nowMs);
      }
      if (run.kind === "down") return decideDown(state, run, name, observation, nowMs);
      return { state: { ...state, run: { kind: "absent" } }, actions: [] };
    case "ended": {
      if (run.kind === "down") return decideDown(state, run, name, observation, nowMs);
      const seen = run.kind === "up" ? state : { ...state, starts: state.starts + 1 };
      const died = run.kind === "up" ? run : spawned(nowMs, undefined);
      const outcome = status.spawnError === undefined
        ? undefined
        : spawnFailure(name, status.spawnError);
      if (outcome !== undefined) return { state: seen, actions: [], outcome };
      return decideDeath(policy, seen, died, name, status.exit, nowMs);
    }
  }
}

function spawned(nowMs: number, pid: number | undefined): UpRun {
  return { kind: "up", pid, sinceMs: nowMs, startedAtMs: undefined, condemned: undefined };
}

function decideUp(
  policy: EnginePolicy,
  state: EngineState,
  run: UpRun,
  name: string,
  observation: Observation,
  nowMs: number,
): EngineDecision {
  const stay = (next: UpRun, actions: Action[], wakeAtMs?: number): EngineDecision => ({
    state: { ...state, run: next },
    actions,
    wakeAtMs,
  });
  const condemn = (reason: string): EngineDecision =>
    stay({ ...run, condemned: reason }, [
      {
        kind: "report",
        level: "error",
        text: `${name} (pid ${run.pid}) is ${reason}: stopping it`,
      },
      { kind: "stop", name, reason },
    ]);

  if (run.condemned !== undefined) return stay(run, []);
  const unhealthy = observation.unhealthy?.get(name);
  if (unhealthy !== undefined) return condemn(`unhealthy: ${unhealthy}`);
  if (run.startedAtMs !== undefined) return stay(run, []);

  if (observation.ready === undefined) {
    const dueMs = run.sinceMs + policy.startMs;
    if (nowMs < dueMs) return stay(run, [], dueMs);
  } else if (!observation.ready.has(name)) {
    if (policy.startupTimeoutMs === undefined) return stay(run, []);
    const dueMs = run.sinceMs + policy.startupTimeoutMs;
    if (nowMs < dueMs) return stay(run, [], dueMs);
    return condemn(`not ready after ${policy.startupTimeoutMs / 1000} s`);
  }
  const seconds = ((nowMs - run.sinceMs) / 1000).toFixed(1);
  return stay({ ...run, startedAtMs: nowMs }, [
    { kind: "report", level: "info", text: `${name} (pid ${run.pid}) started after ${seconds} s` },
  ]);
}

function decideDown(
  state: EngineState,
  run: Extract<Run, { kind: "down" }>,
  name: string,
  observation: Observation,
  nowMs: number,
): EngineDecision {
  if (!observation.swept.has(name)) return { state, actions: [] };
  if (nowMs < run.untilMs) return { state, actions: [], wakeAtMs: run.untilMs };
  return {
    state: { ...state, starts: state.starts + 1, run: spawned(nowMs, undefined) },
    actions: [{ kind: "start", name }],
  };
}

function decideDeath(
  policy: EnginePolicy,
  state: EngineState,
  run: UpRun,
  name: string,
  exit: Exit | undefined,
  nowMs: number,
): EngineDecision {
  const lifeMs = nowMs - run.sinceMs;
  const how = run.condemned ?? (exit === undefined ? "an unknown end" : renderExit(exit));
  const started = run.startedAtMs !== undefined ||
    (policy.startupTimeoutMs === undefined && lifeMs >= policy.startMs);
  const stable = started &&
    nowMs - (run.startedAtMs ?? run.sinceMs + policy.startMs) >= STABLE_MS;
  const recoveriesMs = state.recoveriesMs.filter((at) => nowMs - at < policy.recoveryWindowMs);
  const died: EngineState = {
    ...state,
    failedStarts: stable ? 0 : state.failedStarts,
    recoveriesMs,
    lastExit: exit ?? state.lastExit,
  };

  if (!isRestartDue(policy, exit)) {
    return {
      state: died,
      actions: [],
      outcome: exit === undefined
        ? { kind: "gave_up", reason: `${name} was ${how} and must not restart`, lastExit: exit }
        : { kind: "engine_ended", exit },
    };
  }
  const after = `after ${(lifeMs / 1000).toFixed(1)} s`;
  if (started) {
    if (recoveriesMs.length >= policy.maxRecoveryAttempts) {
      const limit = `${recoveriesMs.length} of ${policy.maxRecoveryAttempts} recoveries within ${
        policy.recoveryWindowMs / 1000
      } s are used up`;
      return giveUp(died, `${name} ended with ${how} ${after} and ${limit}`);
    }
    const count = recoveriesMs.length + 1;
    return goDown(
      {
        ...died,
        // Without a limit nothing counts them, and they would pile up.
        recoveriesMs: policy.maxRecoveryAttempts === Infinity ? [] : [...recoveriesMs, nowMs],
      },
      name,
      nowMs,
      `${name} ended with ${how} ${after}: ${
        policy.maxRecoveryAttempts === Infinity
          ? ""
          : `recovery ${count} of ${policy.maxRecoveryAttempts}, `
      }restarting now`,
    );
  }
  const failedStarts = died.failedStarts + 1;
  if (failedStarts > policy.maxStartRetries) {
    return giveUp(
      { ...died, failedStarts },
      `${name} ended with ${how} ${after}, ${failedStarts} failed starts in a row, of which ` +
        `${policy.maxStartRetries} may be retried`,
    );
  }
  const backOffMs = failedStarts * BACK_OFF_STEP_MS;
  return goDown(
    { ...died, failedStarts },
    name,
    nowMs + backOffMs,
    `${name} ended with ${how} ${after}, before it was started: retry ${failedStarts} of ` +
      `${policy.maxStartRetries} in ${backOffMs / 1000} s`,
  );
}

function goDown(
  state: EngineState,
  name: string,
  untilMs: number,
  text: string,
): EngineDecision {
  return {
    state: { ...state, run: { kind: "down", untilMs } },
    actions: [{ kind: "report", level: "warn", text }, { kind: "sweep", name }],
  };
}

function giveUp(state: EngineState, reason: string): EngineDecision {
  return {
    state,
    actions: [],
    outcome: { kind: "gave_up", reason, lastExit: state.lastExit },
  };
}

function isRestartDue(policy: EnginePolicy, exit: Exit | undefined): boolean {
  switch (policy.autorestart) {
    case "always":
      return true;
    case "never":
      return false;
    case "unexpected":
      return exit?.kind !== "code" || !policy.expectedCodes.has(exit.code);
  }
}

/**
 * What an error of supervisord's own spawn means: it never started the command, and would fail the
 * same way again, unless the machine merely ran out of something.
 */
function spawnFailure(name: string, spawnError: string): Outcome | undefined {
  if (/too many processes|EAGAIN|ENOMEM/i.test(spawnError)) return undefined;
  if (/can't find command/.test(spawnError)) {
    return { kind: "command_not_found", reason: spawnError };
  }
  if (/is not executable|is a directory|no permission/i.test(spawnError)) {
    return { kind: "command_not_executable", reason: spawnError };
  }
  return {
    kind: "gave_up",
    reason: `${name} cannot be spawned: ${spawnError}`,
    lastExit: undefined,
  };
}
