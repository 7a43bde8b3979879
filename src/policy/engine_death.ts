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
import { type Death, findHopelessness } from "./cause.ts";
import {
  type DiedEvent,
  listFields,
  renderCondemned,
  renderDeath,
  renderEnd,
  renderPids,
} from "./death_words.ts";
import type { NextStep } from "./engine_event.ts";
import type { EngineDecision, EnginePolicy, EngineState, UpRun } from "./engine_state.ts";
import type { Observation } from "./observation.ts";
import type { Outcome } from "./outcome.ts";
import type { Exit } from "../formats/exit.ts";

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

/** The longest pause before a recovery, ms: without a limit of recoveries it would grow indefinitely. */
export const MAX_BACK_OFF_MS = 60_000;

/** Decides what the death of a run calls for. */
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
    (policy.startupTimeoutMs === undefined && !observation.loading?.has(name) &&
      lifeMs >= policy.startMs);
  const stable = started &&
    nowMs - (run.startedAtMs ?? run.sinceMs + policy.startMs) >= STABLE_MS;
  const recoveriesMs = state.recoveriesMs.filter((at) => nowMs - at < policy.recoveryWindowMs);
  const died: EngineState = {
    ...state,
    runs: state.runs + (run.pid === undefined ? 1 : 0), // Dead before it was seen.
    failedStarts: stable ? 0 : state.failedStarts,
    shortRuns: stable ? 0 : state.shortRuns + (started ? 1 : 0),
    recoveriesMs,
    lastExit: exit ?? state.lastExit,
    diedAtMs: nowMs,
    ...(started ? { hasStarted: true } : {}),
  };
  const death = run.condemned?.isPlanned ? undefined : findDeath(run, name, observation);
  const tell = (next: NextStep, { failedStarts } = died): DiedEvent => ({
    kind: "died",
    name,
    run: died.runs,
    pid: run.pid,
    exit,
    afterMs: lifeMs,
    wasStarted: started,
    failedStarts,
    death,
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
      events: [tell({ kind: "none", rule: "autorestart" })],
      outcome: exit === undefined
        ? { kind: "gave_up", reason: `${name} ${end} and must not restart`, lastExit: exit }
        : { kind: "engine_ended", exit },
    };
  }
  if (policy.group !== undefined) {
    return {
      state: died,
      actions: [],
      events: [tell({ kind: "none", rule: "group" })],
      isHopeless: true, // The others wait for us: nothing is waited for here.
      outcome: endWithGroup(policy.group, exit, `${name} ${end}`, death),
    };
  }
  const daemons = observation.daemonized?.get(name) ?? [];
  if (exit?.kind === "code" && exit.code === 0 && !stable && daemons.length > 0) {
    const hint = policy.foregroundHint === undefined ? "" : `: ${policy.foregroundHint}`;
    return giveUp(
      died,
      tell({ kind: "none", rule: "background" }),
      `${name} put itself into the background: it ended with exit code 0 ${after} while ` +
        `${renderPids(daemons)} of it runs on. Keep it in the foreground${hint}`,
    );
  }
  if (started) {
    if (recoveriesMs.length >= policy.maxRecoveryAttempts) {
      const limit = `${recoveriesMs.length} of ${policy.maxRecoveryAttempts} recoveries within ${
        policy.recoveryWindowMs / 1000
      } s are used up`;
      return giveUp(
        died,
        tell({ kind: "none", rule: "recovery_limit" }),
        `${name} ${end} and ${limit}`,
      );
    }
    const count = recoveriesMs.length + 1;
    const pauseMs = Math.min(
      Math.max(0, died.shortRuns - 1) * BACK_OFF_STEP_MS,
      MAX_BACK_OFF_MS,
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
  const failed = { ...died, failedStarts: died.failedStarts + 1 };
  const { failedStarts } = failed;
  const hopeless = death === undefined || policy.retriesHopeless
    ? undefined
    : findHopelessness(death, died.hasStarted === true);
  if (hopeless !== undefined) {
    return giveUp(
      failed,
      tell({ kind: "none", rule: "hopeless_cause" }, failed),
      `${name} ${end}, before it was started: ${hopeless} (PROCESS_RETRY_HOPELESS=true retries)`,
    );
  }
  if (failedStarts > policy.maxStartRetries) {
    return giveUp(
      failed,
      tell({ kind: "none", rule: "start_limit" }, failed),
      `${name} ${end}, ${failedStarts} failed starts in a row, of which ` +
        `${policy.maxStartRetries} may be retried`,
    );
  }
  const backOffMs = failedStarts * BACK_OFF_STEP_MS;
  return goDown(
    failed,
    tell({
      kind: "retry",
      count: failedStarts,
      limit: policy.maxStartRetries,
      delayMs: backOffMs,
    }, failed),
    nowMs + backOffMs,
    `${name} ${end}, before it was started: retry ${failedStarts} of ` +
      `${policy.maxStartRetries} in ${backOffMs / 1000} s`,
  );
}

/** Of an engine that was stopped as unhealthy its log tells little: it was its silence that told. */
function findDeath(run: UpRun, name: string, { deaths }: Observation): Death | undefined {
  const death = deaths?.get(name);
  if (death === undefined || run.condemned === undefined) return death;
  return { ...death, evidence: [run.condemned.reason, ...death.evidence].slice(0, 3) };
}

/** A restart inside one of several is invisible to the others. */
function endWithGroup(
  group: string,
  exit: Exit | undefined,
  end: string,
  death: Death | undefined,
): Outcome {
  if (exit !== undefined) return { kind: "engine_ended", exit, group, death };
  const reason = `${end}, and the group that it is of starts again (${group})`;
  return { kind: "gave_up", reason, lastExit: exit, death };
}

function goDown(
  state: EngineState,
  event: DiedEvent,
  untilMs: number,
  text: string,
): EngineDecision {
  return {
    state: {
      ...state,
      run: { kind: "down", run: event.run, sinceMs: state.diedAtMs ?? untilMs, untilMs },
    },
    actions: [
      {
        kind: "report",
        level: "warn",
        text: text + renderDeath(event.death),
        fields: listFields(event),
      },
      { kind: "sweep", name: event.name, run: event.run },
    ],
    events: [event],
  };
}

function giveUp(state: EngineState, event: DiedEvent, reason: string): EngineDecision {
  return {
    state,
    actions: [],
    events: [event],
    outcome: {
      kind: "gave_up",
      reason: reason + renderDeath(event.death),
      lastExit: state.lastExit,
      death: event.death,
    },
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
