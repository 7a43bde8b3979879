/**
 * What a run is due that hangs and was told to end.
 *
 * @module
 */
import type {
  Condemnation,
  EngineDecision,
  EnginePolicy,
  EngineState,
  UpRun,
} from "./engine_state.ts";
import { decideEvidence } from "./condemn.ts";
import type { Action, Observation } from "./observation.ts";

/** An order that supervisord has not begun to carry out by then is given again, ms. */
export const REPEAT_ORDER_MS = 5_000;

/** Beyond its `stopwaitsecs`, how long a killed process is waited for, ms. */
const UNKILLABLE_MARGIN_MS = 10_000;

/** Between two lines about a process that does not end, ms. */
const SAY_EVERY_MS = 60_000;

/**
 * A run that hangs and was told to end: ordered again where supervisord has not heard, killed after the
 * grace of a hang, and where even that does not end it (it is frozen, or in a driver's uninterruptible
 * wait) given up, so that somebody replaces the container.
 */
export function decideCondemned(
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
    actions.push({ kind: "kill_process", name, pid: run.pid ?? 0 });
  } else if (condemned.killedMs === undefined && nowMs >= orderMs) {
    next = { ...next, orderedMs: nowMs };
    actions.push({ kind: "stop", name, pid: run.pid ?? 0, reason: condemned.reason });
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
