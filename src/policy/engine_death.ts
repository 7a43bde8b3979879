/**
 * What an engine's death calls for: a recovery, another try after a pause, or the end.
 *
 * Two limits hold. Failed starts in a row: deaths before the engine was started. Recoveries inside a
 * rolling window: deaths after it. A row of failed starts ends only once a run has been stable
 * ({@linkcode STABLE_MS} past its start), so that an engine which dies right at the border between the
 * two is never restarted more often than both limits together allow.
 *
 * A run that lasted is restarted at once. So is the first that did not: what killed it may have come
 * from outside, and to wait would only prolong the outage. From the second in a row on the pause grows
 * as after failed starts, since gunicorn, BentoML and nginx fail their start after more than a second,
 * and with `startsecs=0` every start counts as good.
 *
 * @module
 */
import type { EngineEvent, NextStep } from "./engine_event.ts";
import type {
  Condemnation,
  EngineDecision,
  EnginePolicy,
  EngineState,
  UpRun,
} from "./engine_state.ts";
import type { Observation } from "./observation.ts";
import type { Outcome } from "./outcome.ts";
import { type Exit, renderExit } from "../formats/exit.ts";

/**
 * How long past its start a run must last to end a row of failed starts, ms. Long enough that a
 * crash at the border of `startsecs` is no proof of health, short beside any model's load.
 */
export const STABLE_MS = 10_000;

/**
 * Before the n-th retry of a failed start, n times this, as supervisord does, and before the recovery
 * of the n-th run in a row that did not last, n - 1 times this, ms.
 */
export const BACK_OFF_STEP_MS = 1_000;

/** The longest pause before a recovery, ms: without a limit of recoveries it would grow for ever. */
export const MOST_BACK_OFF_MS = 60_000;

/**
 * Decides what the death of a run calls for.
 *
 * @param policy Limits and times.
 * @param state What is remembered of the engine process.
 * @param run The run that ended.
 * @param name `group:process`.
 * @param exit How it ended, where that is known.
 * @param observation What else is so.
 * @param nowMs A monotonic clock, ms.
 * @returns The next state: down until it may start again, or the outcome where it may not.
 */
export function decideDeath(
  policy: EnginePolicy,
  state: EngineState,
  run: UpRun,
  name: string,
  exit: Exit | undefined,
  observation: Observation,
  nowMs: number,
): EngineDecision {
  const lifeMs = nowMs - run.sinceMs;
  const started = run.startedAtMs !== undefined ||
    (policy.startupTimeoutMs === undefined && lifeMs >= policy.startMs);
  const stable = started &&
    nowMs - (run.startedAtMs ?? run.sinceMs + policy.startMs) >= STABLE_MS;
  const recoveriesMs = state.recoveriesMs.filter((at) => nowMs - at < policy.recoveryWindowMs);
  const died: EngineState = {
    ...state,
    failedStarts: stable ? 0 : state.failedStarts,
    shortRuns: stable ? 0 : state.shortRuns + (started ? 1 : 0),
    recoveriesMs,
    lastExit: exit ?? state.lastExit,
    diedAtMs: nowMs,
  };
  const tell = (next: NextStep): EngineEvent => ({
    kind: "died",
    name,
    pid: run.pid,
    exit,
    afterMs: lifeMs,
    next,
  });

  const after = `after ${(lifeMs / 1000).toFixed(1)} s`;
  const end = run.condemned === undefined
    ? `ended with ${renderEnd(exit, observation)} ${after}`
    : `was stopped ${after} as ${renderCondemned(run.condemned)}`;
  if (run.condemned?.isPlanned && policy.group === undefined) {
    return goDown(
      {
        ...died,
        failedStarts: state.failedStarts,
        shortRuns: state.shortRuns,
        recycledAtMs: nowMs,
      },
      tell({ kind: "recycle" }),
      nowMs,
      `${name} ${end}: starting it again, which counts as no crash`,
    );
  }
  if (!isRestartDue(policy, exit)) {
    return {
      state: died,
      actions: [],
      events: [tell({ kind: "none" })],
      outcome: exit === undefined
        ? { kind: "gave_up", reason: `${name} ${end} and must not restart`, lastExit: exit }
        : { kind: "engine_ended", exit },
    };
  }
  if (policy.group !== undefined) {
    return {
      state: died,
      actions: [],
      events: [tell({ kind: "none" })],
      isHopeless: true, // The others wait for us: nothing is waited for here.
      outcome: endWithGroup(policy.group, exit, `${name} ${end}`),
    };
  }
  const daemons = observation.daemonized?.get(name) ?? [];
  if (exit?.kind === "code" && exit.code === 0 && !stable && daemons.length > 0) {
    const hint = policy.foregroundHint === undefined ? "" : `: ${policy.foregroundHint}`;
    return giveUp(
      died,
      tell({ kind: "none" }),
      `${name} put itself into the background: it ended with exit code 0 ${after} while ` +
        `${renderPids(daemons)} of it runs on. Keep it in the foreground${hint}`,
    );
  }
  if (started) {
    if (recoveriesMs.length >= policy.maxRecoveryAttempts) {
      const limit = `${recoveriesMs.length} of ${policy.maxRecoveryAttempts} recoveries within ${
        policy.recoveryWindowMs / 1000
      } s are used up`;
      return giveUp(died, tell({ kind: "none" }), `${name} ${end} and ${limit}`);
    }
    const count = recoveriesMs.length + 1;
    const pauseMs = Math.min(
      Math.max(0, died.shortRuns - 1) * BACK_OFF_STEP_MS,
      MOST_BACK_OFF_MS,
    );
    return goDown(
      {
        ...died,
        // Without a limit nothing counts them, and they would pile up.
        recoveriesMs: policy.maxRecoveryAttempts === Infinity ? [] : [...recoveriesMs, nowMs],
      },
      tell({ kind: "recovery", count, limit: policy.maxRecoveryAttempts, delayMs: pauseMs }),
      nowMs + pauseMs,
      `${name} ${end}: ${
        policy.maxRecoveryAttempts === Infinity
          ? ""
          : `recovery ${count} of ${policy.maxRecoveryAttempts}, `
      }restarting ${
        pauseMs === 0
          ? "now"
          : `in ${pauseMs / 1000} s, for ${died.shortRuns} runs in a row did not last ${
            STABLE_MS / 1000
          } s past their start`
      }`,
    );
  }
  const failedStarts = died.failedStarts + 1;
  if (failedStarts > policy.maxStartRetries) {
    return giveUp(
      { ...died, failedStarts },
      tell({ kind: "none" }),
      `${name} ${end}, ${failedStarts} failed starts in a row, of which ` +
        `${policy.maxStartRetries} may be retried`,
    );
  }
  const backOffMs = failedStarts * BACK_OFF_STEP_MS;
  return goDown(
    { ...died, failedStarts },
    tell({
      kind: "retry",
      count: failedStarts,
      limit: policy.maxStartRetries,
      delayMs: backOffMs,
    }),
    nowMs + backOffMs,
    `${name} ${end}, before it was started: retry ${failedStarts} of ` +
      `${policy.maxStartRetries} in ${backOffMs / 1000} s`,
  );
}

/** A restart inside one of several is invisible to the others. */
function endWithGroup(group: string, exit: Exit | undefined, end: string): Outcome {
  if (exit !== undefined) return { kind: "engine_ended", exit, group };
  const reason = `${end}, and the group that it is of starts again (${group})`;
  return { kind: "gave_up", reason, lastExit: exit };
}

/** The OOM killer sends SIGKILL as anybody may, and takes a worker as often as the engine itself. */
function renderEnd(exit: Exit | undefined, { isOutOfMemory }: Observation): string {
  if (exit === undefined) return "an unknown end";
  const how = renderExit(exit);
  if (!isOutOfMemory) return how;
  return exit.kind === "signal" && (exit.signal ?? "SIGKILL") === "SIGKILL"
    ? `${how} by the kernel's OOM killer (the container is out of memory)`
    : `${how} (the kernel's OOM killer has just ended a process of this container)`;
}

function renderCondemned({ reason, sinceMs, killedMs }: Condemnation): string {
  if (killedMs === undefined) return reason;
  return `${reason}, with SIGKILL after ${((killedMs - sinceMs) / 1000).toFixed(0)} s`;
}

function renderPids(pids: readonly number[]): string {
  return pids.length === 1 ? `process ${pids[0]}` : `processes ${pids.join(", ")}`;
}

function goDown(
  state: EngineState,
  event: EngineEvent,
  untilMs: number,
  text: string,
): EngineDecision {
  return {
    state: { ...state, run: { kind: "down", untilMs } },
    actions: [
      { kind: "report", level: "warn", text },
      { kind: "sweep", name: event.name },
    ],
    events: [event],
  };
}

function giveUp(state: EngineState, event: EngineEvent, reason: string): EngineDecision {
  return {
    state,
    actions: [],
    events: [event],
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
export function spawnFailure(name: string, spawnError: string): Outcome | undefined {
  if (/too many processes|EAGAIN|ENOMEM/i.test(spawnError)) return undefined;
  if (/can't find command/.test(spawnError)) {
    return { kind: "command_not_found", reason: spawnError };
  }
  if (/is not executable|is a directory|no permission/i.test(spawnError)) {
    return { kind: "command_not_executable", reason: spawnError };
  }
  // supervisord names neither the option nor the path.
  const [, errno] = /making dispatchers for .*: (\w+)$/.exec(spawnError) ?? [];
  const reason = errno === undefined
    ? spawnError
    : `a file of its stdout_logfile or stderr_logfile cannot be opened (${errno})`;
  return {
    kind: "gave_up",
    reason: `${name} cannot be spawned: ${reason}`,
    lastExit: undefined,
  };
}
