/**
 * What one engine process is due: to be left alone, stopped, swept up after, or started again.
 *
 * @module
 */
import { decideDeath, spawnFailure } from "./engine_death.ts";
import type { EngineEvent } from "./engine_event.ts";
import type { EngineDecision, EnginePolicy, EngineState, Run, UpRun } from "./engine_state.ts";
import type { Action, Observation, ProcessObservation } from "./observation.ts";

/** An order to stop that supervisord has not begun to carry out by then is given again, ms. */
const REPEAT_STOP_MS = 5_000;

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
        const seen: UpRun = { ...run, pid: status.pid };
        const decision = decideUp(policy, state, seen, name, observation, nowMs);
        return run.pid === undefined ? withSpawnOf(status.pid, name, decision) : decision;
      }
      return withSweepOf(
        run,
        name,
        withSpawnOf(
          status.pid,
          name,
          decideUp(
            policy,
            state,
            spawned(nowMs, status.pid),
            name,
            observation,
            nowMs,
          ),
        ),
      );
    case "stopped":
      if (run.kind === "up" && run.condemned !== undefined) {
        return decideDeath(policy, state, run, name, undefined, nowMs);
      }
      if (run.kind === "down") return decideDown(state, run, name, observation, nowMs);
      return withSweepOf(run, name, { state: { ...state, run: { kind: "absent" } }, actions: [] });
    case "ended": {
      if (run.kind === "down") return decideDown(state, run, name, observation, nowMs);
      const seen = run.kind === "up" ? state : state;
      const died = run.kind === "up" ? run : spawned(nowMs, undefined);
      const outcome = status.spawnError === undefined
        ? undefined
        : spawnFailure(name, status.spawnError);
      if (outcome !== undefined) return { state: seen, actions: [], outcome };
      return decideDeath(policy, seen, died, name, status.exit, nowMs);
    }
  }
}

/** Somebody stopped or replaced the run: what it left behind is in the way all the same. */
function withSweepOf(run: Run, name: string, decision: EngineDecision): EngineDecision {
  if (run.kind !== "up") return decision;
  return { ...decision, actions: [{ kind: "sweep", name }, ...decision.actions] };
}

/** Tells of a process before anything else is told of it. */
function withSpawnOf(pid: number, name: string, decision: EngineDecision): EngineDecision {
  return { ...decision, events: [{ kind: "spawned", name, pid }, ...decision.events ?? []] };
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
  const pid = run.pid ?? 0; // Whoever is seen alive is seen with its pid.
  const stay = (next: UpRun, actions: Action[], wakeAtMs?: number): EngineDecision => ({
    state: { ...state, run: next },
    actions,
    wakeAtMs,
  });
  const condemn = (reason: string): EngineDecision => ({
    ...stay({ ...run, condemned: reason, orderedMs: nowMs }, [
      {
        kind: "report",
        level: "error",
        text: `${name} (pid ${run.pid}) is ${reason}: stopping it`,
      },
      { kind: "stop", name, reason },
    ]),
    events: [{ kind: "unhealthy", name, pid, reason }],
  });

  if (run.condemned !== undefined) {
    const dueMs = run.orderedMs + REPEAT_STOP_MS;
    if (nowMs < dueMs) return stay(run, [], dueMs);
    return stay({ ...run, orderedMs: nowMs }, [{ kind: "stop", name, reason: run.condemned }]);
  }
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
  const afterMs = nowMs - run.sinceMs;
  const seconds = (afterMs / 1000).toFixed(1);
  const event: EngineEvent = state.diedAtMs === undefined
    ? { kind: "started", name, pid, afterMs }
    : { kind: "recovered", name, pid, afterMs, downMs: nowMs - state.diedAtMs };
  return {
    state: { ...state, run: { ...run, startedAtMs: nowMs }, diedAtMs: undefined },
    actions: [
      {
        kind: "report",
        level: "info",
        text: `${name} (pid ${run.pid}) started after ${seconds} s`,
      },
    ],
    events: [event],
  };
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
