/**
 * What is due for a process that is down: to wait, to be held, or to be started again.
 *
 * @module
 */
import type { EngineDecision, EnginePolicy, EngineState } from "./engine_state.ts";
import { decideSpawned, spawned } from "./engine_up.ts";
import { decideDownStep, type DownRun } from "./held_start.ts";
import type { Observation, ProcessStatus } from "./observation.ts";
import { noteOperatorStart, noteOperatorStop } from "./operator.ts";

export function start(state: EngineState, name: string, nowMs: number): EngineDecision {
  return {
    state: { ...state, run: spawned(nowMs, undefined) },
    actions: [{ kind: "start", name }],
  };
}

export function decideDown(
  policy: EnginePolicy,
  state: EngineState,
  run: DownRun,
  status: ProcessStatus,
  name: string,
  observation: Observation,
  nowMs: number,
): EngineDecision {
  const canHold = policy.holdsStarts === true;
  const step = decideDownStep(canHold, run, status, observation, name, nowMs);
  const stay = (change: Partial<DownRun>): EngineDecision => ({
    state: { ...state, run: { ...run, ...change } },
    actions: [],
    wakeAtMs: nowMs,
  });
  switch (step.kind) {
    case "wait":
      return { state, actions: [], wakeAtMs: step.untilMs };
    case "start":
      return start(state, name, nowMs);
    case "hold":
      return {
        ...stay({ held: { pid: undefined }, holds: (run.holds ?? 0) + 1 }),
        actions: [{ kind: "hold", name }],
      };
    case "held": {
      const { pid } = step;
      const held = stay({ held: { pid } });
      const runs = state.runs + 1;
      return {
        ...held,
        state: { ...held.state, runs },
        events: [{ kind: "held", name, run: runs, pid }],
      };
    }
    case "forget":
      return {
        ...stay({ held: undefined }),
        actions: run.held?.pid === undefined ? [] : [{ kind: "release", name }],
      };
    case "kill":
      return { state, actions: [{ kind: "kill_process", name, pid: step.pid }] };
    case "stopped_by_operator":
      // Whatever starts next does not wait.
      return {
        ...noteOperatorStop(state, name, step.pid, nowMs),
        actions: [{ kind: "release", name }],
      };
    case "release": {
      // It was counted when it was spawned.
      const counted = { ...state, runs: state.runs - 1 };
      const { pid } = step;
      const begun = decideSpawned(
        ...[policy, counted, spawned(nowMs, pid), pid, name, observation, nowMs] as const,
      );
      return { ...begun, actions: [{ kind: "release", name }, ...begun.actions] };
    }
    case "started_by_operator": {
      const { pid, wasHeld } = step;
      const begun = decideSpawned(
        ...[policy, state, spawned(nowMs, pid), pid, name, observation, nowMs] as const,
      );
      const noted = noteOperatorStart(policy, state, name, pid, begun);
      return wasHeld ? { ...noted, actions: [{ kind: "release", name }, ...noted.actions] } : noted;
    }
  }
}
