/**
 * What an operator, or an event listener, does to a process through supervisord: reported, and left alone.
 *
 * @module
 */
import type { EngineDecision, EnginePolicy, EngineState, Run } from "./engine_state.ts";
import type { Action } from "./observation.ts";

/**
 * The longest gap between the stop and the start of one restart by an operator, ms, and between two looks
 * in it. Each look turns supervisord's loop, without which `supervisorctl restart GROUP:*` waits for its
 * tick of a second in between.
 */
const RESTART_GAP_MS = { max: 250, look: 20 } as const;

export function noteOperatorStop(
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
export function reportStop(
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
export function noteOperatorStart(
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

/** Somebody stopped or replaced the run: what it left behind is in the way anyway. */
export function withSweepOf(
  { run, runs }: EngineState,
  name: string,
  decision: EngineDecision,
): EngineDecision {
  if (run.kind !== "up") return decision;
  return { ...decision, actions: [{ kind: "sweep", name, run: runs }, ...decision.actions] };
}
