/**
 * How the end of a run that hangs begins: with evidence where it is wanted, then with the stop.
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
import type { Observation } from "./observation.ts";

/** Condemns a run: evidence of its hang is collected first where that is wanted. */
export function beginCondemned(
  policy: EnginePolicy,
  state: EngineState,
  run: UpRun,
  name: string,
  reason: string,
  nowMs: number,
): EngineDecision {
  const evidenceMs = policy.evidenceMs ?? 0;
  const times = { sinceMs: nowMs, orderedMs: nowMs, killedMs: undefined, saidMs: nowMs };
  const evidence = evidenceMs > 0 ? { evidenceUntilMs: nowMs + evidenceMs } : {};
  return {
    state: { ...state, run: { ...run, condemned: { reason, ...times, ...evidence } } },
    actions: [
      {
        kind: "report",
        level: "error",
        text: `${name} (pid ${run.pid}) is ${reason}: stopping it; it has ` +
          `${policy.hangGraceMs / 1000} s`,
        fields: { event: "unhealthy", program: name, pid: run.pid, run: state.runs, reason },
      },
      evidenceMs > 0
        ? { kind: "collect", name, reason }
        : { kind: "stop", name, pid: run.pid ?? 0, reason },
    ],
    wakeAtMs: nowMs + (evidenceMs > 0 ? evidenceMs : policy.hangGraceMs),
  };
}

/**
 * Waits for evidence that is being collected, no longer than told, and has the run stopped then.
 */
export function decideEvidence(
  policy: EnginePolicy,
  state: EngineState,
  run: UpRun,
  condemned: Condemnation,
  name: string,
  observation: Observation,
  nowMs: number,
): EngineDecision | undefined {
  const { evidenceUntilMs, reason } = condemned;
  if (evidenceUntilMs === undefined) return undefined;
  if (nowMs < evidenceUntilMs && observation.evidenced?.has(name) !== true) {
    return { state: { ...state, run }, actions: [], wakeAtMs: evidenceUntilMs };
  }
  const times = { sinceMs: nowMs, orderedMs: nowMs, killedMs: undefined, saidMs: nowMs };
  return {
    state: { ...state, run: { ...run, condemned: { reason, ...times } } },
    actions: [{ kind: "stop", name, pid: run.pid ?? 0, reason }],
    wakeAtMs: nowMs + policy.hangGraceMs,
  };
}
