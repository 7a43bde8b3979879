/**
 * What one engine process is due: to be left alone, stopped, swept up after, or started again.
 *
 * @module
 */
import { beginCondemned, decideEvidence } from "./condemn.ts";
import { decideDeath, spawnFailure } from "./engine_death.ts";
import type { EngineEvent } from "./engine_event.ts";
import type {
  Condemnation,
  EngineDecision,
  EnginePolicy,
  EngineState,
  Run,
  UpRun,
} from "./engine_state.ts";
import { decideRecycle } from "./recycle.ts";
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
      return run.kind === "up" && run.condemned !== undefined
        ? decideCondemned(policy, state, run, run.condemned, name, observation, nowMs)
        : { state, actions: [] };
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
        return decideDeath(policy, state, run, name, undefined, observation, nowMs);
      }
      if (run.kind === "down") return decideDown(state, run, name, observation, nowMs);
      if (run.kind === "new" && policy.autostart) return start(state, name, nowMs);
      if (status.isNew === true && policy.autostart) {
        if (run.kind === "absent") return start(state, name, nowMs);
        if (run.kind === "up" && run.pid !== undefined) return startAnew(state, run, name, nowMs);
      }
      if (run.kind !== "up") return { state: { ...state, run: { kind: "absent" } }, actions: [] };
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

/** Tells of a process before anything else is told of it. */
function withSpawnOf(pid: number, name: string, decision: EngineDecision): EngineDecision {
  return { ...decision, events: [{ kind: "spawned", name, pid }, ...decision.events ?? []] };
}

/** supervisord has read its configuration again, and stopped everything: it would start it itself. */
function startAnew(state: EngineState, run: UpRun, name: string, nowMs: number): EngineDecision {
  return withSweepOf(run, name, {
    state: { ...state, run: { kind: "down", untilMs: nowMs } },
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
    events: [{ kind: "unhealthy", name, pid, reason }],
  });

  if (run.condemned !== undefined) {
    return decideCondemned(policy, state, run, run.condemned, name, observation, nowMs);
  }
  const unhealthy = observation.unhealthy?.get(name);
  if (unhealthy !== undefined) return condemn(`unhealthy: ${unhealthy}`);
  if (run.startedAtMs !== undefined) {
    return decideRecycle(policy, state, run, name, observation, nowMs) ?? stay(run, []);
  }

  if (policy.startupTimeoutMs === undefined) {
    const dueMs = run.sinceMs + policy.startMs;
    if (nowMs < dueMs) return stay(run, [], dueMs);
  } else if (!observation.ready?.has(name)) {
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

/** Beyond its `stopwaitsecs`, how long a killed process is waited for, ms. */
const UNKILLABLE_MARGIN_MS = 10_000;

/** Between two lines about a process that does not end, ms. */
const SAY_EVERY_MS = 60_000;

/**
 * A run that hangs and was told to end: ordered again where supervisord has not heard, killed after the
 * grace of a hang, and where even that does not end it (it is frozen, or in a driver's uninterruptible
 * wait) given up, so that somebody replaces the container.
 */
function decideCondemned(
  policy: EnginePolicy,
  state: EngineState,
  run: UpRun,
  condemned: Condemnation,
  name: string,
  observation: Observation,
  nowMs: number,
): EngineDecision {
  const collecting = decideEvidence(policy, state, run, condemned, name, observation, nowMs);
  if (collecting !== undefined) return collecting;
  const killMs = condemned.sinceMs +
    (condemned.isPlanned ? policy.stopWaitMs : policy.hangGraceMs);
  const hopelessMs = Math.max(killMs, condemned.sinceMs + policy.stopWaitMs) +
    UNKILLABLE_MARGIN_MS;
  const orderMs = condemned.orderedMs + REPEAT_ORDER_MS;
  const sayMs = condemned.saidMs + SAY_EVERY_MS;
  const seconds = Math.round((nowMs - condemned.sinceMs) / 1000);
  const text = `${name} (pid ${run.pid}) has not ended ${seconds} s after it was told to` +
    (condemned.killedMs === undefined ? "" : ", not even of SIGKILL");
  if (nowMs >= hopelessMs) {
    return {
      state,
      actions: [],
      isHopeless: true,
      outcome: {
        kind: "gave_up",
        reason: `${text}: it is frozen, or waits in a driver; only a new container helps`,
        lastExit: state.lastExit,
      },
    };
  }
  const actions: Action[] = [];
  let next = condemned;
  if (condemned.killedMs === undefined && nowMs >= killMs) {
    next = { ...next, killedMs: nowMs };
    actions.push({ kind: "kill_process", name });
  } else if (condemned.killedMs === undefined && nowMs >= orderMs) {
    next = { ...next, orderedMs: nowMs };
    actions.push({ kind: "stop", name, reason: condemned.reason });
  }
  if (nowMs >= sayMs) {
    next = { ...next, saidMs: nowMs };
    actions.push({ kind: "report", level: "error", text });
  }
  const dueMs = [hopelessMs, next.saidMs + SAY_EVERY_MS];
  if (next.killedMs === undefined) dueMs.push(killMs, next.orderedMs + REPEAT_ORDER_MS);
  return {
    state: { ...state, run: { ...run, condemned: next } },
    actions,
    wakeAtMs: Math.min(...dueMs),
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
  return start(state, name, nowMs);
}
