/**
 * What one engine process is due: to be left alone, stopped, swept up after, or started again.
 *
 * @module
 */
import { decideCondemned, REPEAT_ORDER_MS } from "./condemned.ts";
import { beginCondemned } from "./condemn.ts";
import { decideDeath } from "./engine_death.ts";
import { spawnFailure } from "./spawn_failure.ts";
import type { EngineEvent } from "./engine_event.ts";
import type { EngineDecision, EnginePolicy, EngineState, Run, UpRun } from "./engine_state.ts";
import { decideRecycle } from "./recycle.ts";
import { decideDownStep, type DownRun } from "./held_start.ts";
import type { Action, Observation, ProcessObservation, ProcessStatus } from "./observation.ts";

/**
 * The longest gap between the stop and the start of one restart by an operator, ms, and between two looks
 * in it. Each look turns supervisord's loop, without which `supervisorctl restart GROUP:*` waits for its
 * tick of a second in between.
 */
const RESTART_GAP_MS = { max: 150, look: 20 } as const;

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

function noteOperatorStop(
  state: EngineState,
  name: string,
  pid: number,
  nowMs: number,
): EngineDecision {
  return {
    state: { ...state, run: { kind: "absent", unreported: { pid, sinceMs: nowMs } } },
    actions: [],
    events: [{ kind: "halted", name, run: state.runs }],
    wakeAtMs: nowMs + RESTART_GAP_MS.look,
  };
}

/** A restart is a stop and a start: the stop is reported only if no start follows it. */
function reportStop(
  state: EngineState,
  run: Extract<Run, { kind: "absent" }>,
  name: string,
  nowMs: number,
): EngineDecision {
  if (run.unreported === undefined) return { state, actions: [] };
  const { pid, sinceMs } = run.unreported;
  if (nowMs < sinceMs + RESTART_GAP_MS.max) {
    return { state, actions: [], wakeAtMs: nowMs + RESTART_GAP_MS.look };
  }
  return {
    state: { ...state, run: { kind: "absent" } },
    actions: [{
      kind: "report",
      level: "warn",
      text: `${name} was stopped by an operator (for example with \`supervisorctl stop\`): ` +
        "it stays stopped until you start it",
      fields: { event: "halted", program: name, pid, run: state.runs },
    }],
  };
}

/** An operator, or an event listener, has started a process. */
function noteOperatorStart(
  policy: EnginePolicy,
  before: EngineState,
  name: string,
  pid: number,
  decision: EngineDecision,
): EngineDecision {
  const { run } = before;
  if (run.kind === "new" && policy.autostart) return decision;
  const wasStopped = run.kind === "up" || (run.kind === "down" && run.held !== undefined) ||
    (run.kind === "absent" && run.unreported !== undefined);
  const text = `${name} (pid ${pid}) was ${wasStopped ? "restarted" : "started"} by an operator`;
  const report: Action = { kind: "report", level: "info", text };
  return withSweepOf(before, name, { ...decision, actions: [report, ...decision.actions] });
}

/** Somebody stopped or replaced the run: what it left behind is in the way all the same. */
function withSweepOf(
  { run, runs }: EngineState,
  name: string,
  decision: EngineDecision,
): EngineDecision {
  if (run.kind !== "up") return decision;
  return { ...decision, actions: [{ kind: "sweep", name, run: runs }, ...decision.actions] };
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

/** Tells of a process before anything else is told of it. */
function decideSpawned(
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

function start(state: EngineState, name: string, nowMs: number): EngineDecision {
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

function decideDown(
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
