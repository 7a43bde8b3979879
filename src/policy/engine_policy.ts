/**
 * What one engine process is due: to be left alone, stopped, swept up after, or started again.
 *
 * @module
 */
import { decideCondemned, REPEAT_ORDER_MS } from "./unhealthy.ts";
import { decideDeath } from "./engine_death.ts";
import { decideDown, start } from "./engine_down.ts";
import type { EngineDecision, EnginePolicy, EngineState, UpRun } from "./engine_state.ts";
import { decideSpawned, decideUp, spawned } from "./engine_up.ts";
import type { Observation, ProcessObservation } from "./observation.ts";
import { noteOperatorStart, noteOperatorStop, reportStop, withSweepOf } from "./operator.ts";
import { spawnFailure } from "./spawn_failure.ts";

/** Decides what one engine process is due. */
export function decideEngine(
  policy: EnginePolicy,
  state: EngineState,
  process: ProcessObservation,
  observation: Observation,
  nowMs: number,
): EngineDecision {
  const { status, name } = process;
  const { run } = state;
  if (isEnding(observation) && (run.kind !== "up" || run.condemned === undefined)) {
    // What was seen of it last is old, and nothing that it does in its grace is a failure.
    return run.kind === "up"
      ? noteDrain(state, run, name, "supervisord stops everything")
      : { state, actions: [] };
  }
  if (run.kind === "down") return decideDown(policy, state, run, status, name, observation, nowMs);
  switch (status.kind) {
    case "stopping":
      if (run.kind !== "up") return { state, actions: [] };
      return run.condemned === undefined
        ? noteDrain(state, run, name, "stopped by hand")
        : decideCondemned(policy, state, run, run.condemned, name, observation, nowMs);
    case "alive":
      if (run.kind === "up" && (run.pid === undefined || run.pid === status.pid)) {
        const seen: UpRun = { ...run, pid: status.pid };
        if (run.pid !== undefined) return decideUp(policy, state, seen, name, observation, nowMs);
        return decideSpawned(policy, state, seen, status.pid, name, observation, nowMs);
      }
      return noteOperatorStart(
        policy,
        state,
        name,
        status.pid,
        decideSpawned(
          ...[policy, state, spawned(nowMs, status.pid), status.pid] as const,
          ...[name, observation, nowMs] as const,
        ),
      );
    case "stopped":
      if (run.kind === "up" && run.condemned !== undefined) {
        return decideDeath(policy, state, run, name, undefined, observation, nowMs);
      }
      if (run.kind === "new" && policy.autostart) return start(state, name, nowMs);
      if (status.isNew === true && policy.autostart) {
        if (run.kind === "absent") return start(state, name, nowMs);
        if (run.kind === "up" && run.pid !== undefined) return startAnew(state, name, nowMs);
      }
      if (run.kind === "absent") return reportStop(state, run, name, nowMs);
      if (run.kind !== "up") return { state: { ...state, run: { kind: "absent" } }, actions: [] };
      if (run.pid === undefined) return repeatStart(state, run, name, nowMs);
      return withSweepOf(state, name, noteOperatorStop(state, name, run.pid, nowMs));
    case "ended": {
      const died = run.kind === "up" ? run : spawned(nowMs, undefined);
      const outcome = status.spawnError === undefined
        ? undefined
        : spawnFailure(name, status.spawnError);
      if (outcome !== undefined) return { state, actions: [], outcome };
      return decideDeath(policy, state, died, name, status.exit, observation, nowMs);
    }
  }
}

function isEnding({ supervisord }: Observation): boolean {
  return supervisord.kind === "answering" && supervisord.isEnding === true;
}

/** Somebody else stops it: it takes no requests from now on. */
function noteDrain(state: EngineState, run: UpRun, name: string, reason: string): EngineDecision {
  const { pid, isDrainSaid } = run;
  if (pid === undefined || isDrainSaid) return { state, actions: [] };
  return {
    state: { ...state, run: { ...run, isDrainSaid: true } },
    actions: [],
    events: [{ kind: "draining", name, run: state.runs, pid, reason }],
  };
}

/** supervisord has read its configuration again, and stopped everything: it would start it itself. */
function startAnew(state: EngineState, name: string, nowMs: number): EngineDecision {
  return withSweepOf(state, name, {
    state: { ...state, run: { kind: "down", run: state.runs, sinceMs: nowMs, untilMs: nowMs } },
    actions: [{
      kind: "report",
      level: "warn",
      text:
        `${name} was stopped with all of supervisord (as \`supervisorctl reload\` does), not by ` +
        "us: starting it again",
    }],
  });
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
  return start(state, name, nowMs);
}
