/**
 * When an engine is recycled that uses too much memory: before the kernel kills the whole container.
 *
 * @module
 */
import type { EngineDecision, EnginePolicy, EngineState, UpRun } from "./engine_state.ts";
import type { Observation } from "./observation.ts";

/**
 * An engine is recycled no more often than this, ms: one that is past its limit as soon as it has loaded
 * would do nothing else.
 */
export const RECYCLE_EVERY_MS = 600_000;

/**
 * Decides whether a started run is recycled for its memory: past the limit once no request runs, past
 * the hard mark whatever it does.
 */
export function decideRecycle(
  policy: EnginePolicy,
  state: EngineState,
  run: UpRun,
  name: string,
  observation: Observation,
  nowMs: number,
): EngineDecision | undefined {
  const { memory } = policy;
  const use = observation.memory?.get(name);
  if (memory === undefined || use === undefined || use.usedBytes <= memory.limitBytes) {
    return undefined;
  }
  const reason = `past its memory limit: ${renderGiB(use.usedBytes)} of ` +
    `${renderGiB(memory.limitBytes)} GiB`;
  const isDue = use.isIdle === true || use.usedBytes > memory.hardBytes;
  const isTooSoon = state.recycledAtMs !== undefined &&
    nowMs - state.recycledAtMs < RECYCLE_EVERY_MS;
  if (!isDue || isTooSoon) {
    if (run.isMemorySaid) return undefined;
    const when = isTooSoon
      ? `it was recycled less than ${
        RECYCLE_EVERY_MS / 60_000
      } min ago, so that it is left alone: ` +
        "PROCESS_MAX_ENGINE_MEMORY is too low for it"
      : `it is recycled once no request runs, at ${renderGiB(memory.hardBytes)} GiB in any case`;
    return {
      state: { ...state, run: { ...run, isMemorySaid: true } },
      actions: [{ kind: "report", level: "warn", text: `${name} is ${reason}; ${when}` }],
    };
  }
  const times = { sinceMs: nowMs, orderedMs: nowMs, killedMs: undefined, saidMs: nowMs };
  return {
    state: { ...state, run: { ...run, condemned: { reason, isPlanned: true, ...times } } },
    actions: [
      {
        kind: "report",
        level: "warn",
        text: `${name} (pid ${run.pid}) is ${reason}: recycling it; it has ` +
          `${policy.stopWaitMs / 1000} s to drain`,
      },
      { kind: "stop", name, pid: run.pid ?? 0, reason },
    ],
    events: [{ kind: "draining", name, run: state.runs, pid: run.pid ?? 0, reason }],
    wakeAtMs: nowMs + policy.stopWaitMs,
  };
}

function renderGiB(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(2);
}
