/**
 * What is due for a run that is not known to have ended, from the moment that it is seen.
 *
 * @module
 */
import { beginCondemned } from "./condemn.ts";
import { decideCondemned } from "./unhealthy.ts";
import type { EngineEvent } from "./engine_event.ts";
import type { EngineDecision, EnginePolicy, EngineState, UpRun } from "./engine_state.ts";
import type { Action, Observation } from "./observation.ts";
import { decideRecycle } from "./recycle.ts";

export function spawned(nowMs: number, pid: number | undefined): UpRun {
  return {
    kind: "up",
    pid,
    sinceMs: nowMs,
    startedAtMs: undefined,
    condemned: undefined,
  };
}

/** Tells of a process before anything else is told of it. */
export function decideSpawned(
  policy: EnginePolicy,
  before: EngineState,
  run: UpRun,
  pid: number,
  name: string,
  observation: Observation,
  nowMs: number,
): EngineDecision {
  const state = { ...before, runs: before.runs + 1 };
  const decision = decideUp(policy, state, run, name, observation, nowMs);
  return {
    ...decision,
    events: [{ kind: "spawned", name, run: state.runs, pid }, ...decision.events ?? []],
  };
}

export function decideUp(
  policy: EnginePolicy,
  state: EngineState,
  run: UpRun,
  name: string,
  observation: Observation,
  nowMs: number,
): EngineDecision {
  const pid = run.pid ?? 0; // Whoever is seen alive is seen with its pid.
  const stay = (next: UpRun, actions: Action[], wakeAtMs?: number): EngineDecision => ({
    state: { ...state, run: next },
    actions,
    wakeAtMs,
  });
  const condemn = (reason: string): EngineDecision => ({
    ...beginCondemned(policy, state, run, name, reason, nowMs),
    events: [{ kind: "unhealthy", name, run: state.runs, pid, reason }],
  });

  if (run.condemned !== undefined) {
    return decideCondemned(policy, state, run, run.condemned, name, observation, nowMs);
  }
  const unhealthy = observation.unhealthy?.get(name);
  if (unhealthy !== undefined) return condemn(`unhealthy: ${unhealthy.reason}`);
  if (run.startedAtMs !== undefined) {
    return decideRecycle(policy, state, run, name, observation, nowMs) ?? stay(run, []);
  }

  if (policy.startupTimeoutMs === undefined) {
    if (observation.loading?.has(name)) return stay(run, []);
    const dueMs = run.sinceMs + policy.startMs;
    if (nowMs < dueMs) return stay(run, [], dueMs);
  } else if (!observation.ready?.has(name)) {
    const dueMs = run.sinceMs + policy.startupTimeoutMs;
    if (nowMs < dueMs) return stay(run, [], dueMs);
    return condemn(`not ready after ${policy.startupTimeoutMs / 1000} s`);
  }
  const afterMs = nowMs - run.sinceMs;
  const seconds = (afterMs / 1000).toFixed(1);
  const which = { name, run: state.runs, pid };
  const event: EngineEvent = state.diedAtMs === undefined
    ? { kind: "started", ...which, afterMs }
    : { kind: "recovered", ...which, afterMs, downMs: nowMs - state.diedAtMs };
  return {
    state: { ...state, run: { ...run, startedAtMs: nowMs }, hasStarted: true, diedAtMs: undefined },
    actions: [
      {
        kind: "report",
        level: "info",
        text: `${name} (pid ${run.pid}) started after ${seconds} s`,
        fields: {
          event: event.kind,
          ...{ program: name, pid, run: state.runs, duration_ms: Math.round(afterMs) },
        },
      },
    ],
    events: [event],
  };
}
