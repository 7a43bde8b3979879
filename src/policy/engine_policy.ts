/**
 * What one engine process is due: to be left alone, stopped, swept up after, or started again.
 *
 * @module
 */
import { decideDeath, spawnFailure } from "./engine_death.ts";
import type { EngineDecision, EnginePolicy, EngineState, Run, UpRun } from "./engine_state.ts";
import type { Action, Observation, ProcessObservation } from "./observation.ts";

/** An order that supervisord has not begun to carry out by then is given again, ms. */
const REPEAT_ORDER_MS = 5_000;

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
      return withSweepOf(
        run,
        name,
        decideUp(
          policy,
          state,
          spawned(nowMs, status.pid),
          name,
          observation,
          nowMs,
        ),
      );
    case "stopped":
      if (run.kind === "up" && run.condemned !== undefined) {
        return decideDeath(policy, state, run, name, undefined, observation, nowMs);
      }
      if (run.kind === "down") return decideDown(state, run, name, observation, nowMs);
      if (run.kind === "absent") return { state, actions: [] };
      if (run.pid === undefined) return repeatStart(state, run, name, nowMs);
      return withSweepOf(run, name, {
        state: { ...state, run: { kind: "absent" } },
        actions: [{
          kind: "report",
          level: "warn",
          text: `${name} was stopped by hand (as \`supervisorctl stop\` does), not by us: ` +
            "it is left so until it is started again",
        }],
      });
    case "ended": {
      if (run.kind === "down") return decideDown(state, run, name, observation, nowMs);
      const died = run.kind === "up" ? run : spawned(nowMs, undefined);
      const outcome = status.spawnError === undefined
        ? undefined
        : spawnFailure(name, status.spawnError);
      if (outcome !== undefined) return { state, actions: [], outcome };
      return decideDeath(policy, state, died, name, status.exit, observation, nowMs);
    }
  }
}

/** Somebody stopped or replaced the run: what it left behind is in the way all the same. */
function withSweepOf(run: Run, name: string, decision: EngineDecision): EngineDecision {
  if (run.kind !== "up") return decision;
  return { ...decision, actions: [{ kind: "sweep", name }, ...decision.actions] };
}

/** We ordered its start, and supervisord has not heard of it: it was silent just then. */
function repeatStart(
  state: EngineState,
  run: UpRun,
  name: string,
  nowMs: number,
): EngineDecision {
  const dueMs = run.sinceMs + REPEAT_ORDER_MS;
  if (nowMs < dueMs) return { state, actions: [], wakeAtMs: dueMs };
  return {
    state: { ...state, run: spawned(nowMs, undefined) },
    actions: [{ kind: "start", name }],
  };
}

function spawned(nowMs: number, pid: number | undefined): UpRun {
  return {
    kind: "up",
    pid,
    sinceMs: nowMs,
    startedAtMs: undefined,
    condemned: undefined,
    orderedMs: 0,
  };
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
    stay({ ...run, condemned: reason, orderedMs: nowMs }, [
      {
        kind: "report",
        level: "error",
        text: `${name} (pid ${run.pid}) is ${reason}: stopping it`,
      },
      { kind: "stop", name, reason },
    ]);

  if (run.condemned !== undefined) {
    const dueMs = run.orderedMs + REPEAT_ORDER_MS;
    if (nowMs < dueMs) return stay(run, [], dueMs);
    return stay({ ...run, orderedMs: nowMs }, [{ kind: "stop", name, reason: run.condemned }]);
  }
  const unhealthy = observation.unhealthy?.get(name);
  if (unhealthy !== undefined) return condemn(`unhealthy: ${unhealthy}`);
  if (run.startedAtMs !== undefined) return stay(run, []);

  if (policy.startupTimeoutMs === undefined) {
    const dueMs = run.sinceMs + policy.startMs;
    if (nowMs < dueMs) return stay(run, [], dueMs);
  } else if (!observation.ready?.has(name)) {
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
    state: { ...state, run: spawned(nowMs, undefined) },
    actions: [{ kind: "start", name }],
  };
}
