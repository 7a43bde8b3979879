/**
 * Brings what a process went through between two observations into the order in which it happened.
 *
 * @module
 */
import { decideEngine } from "./engine_policy.ts";
import type { EngineEvent } from "./engine_event.ts";
import type { EngineDecision, EnginePolicy, EngineState } from "./engine_state.ts";
import type {
  Action,
  LifeStep,
  Observation,
  ProcessObservation,
  ProcessStatus,
} from "./observation.ts";
import { reportExit } from "./outcome.ts";

/** What a process did at one moment. */
export interface Moment {
  readonly status: ProcessStatus;
  /** When, by the clock of the policy, ms. */
  readonly atMs: number;
  readonly observation: Observation;
  /** Whether something else has happened since: its next moment follows. */
  readonly isPast: boolean;
  /** Whether it has been started since, by somebody else than us. */
  readonly isOvertaken: boolean;
}

/**
 * Lists the moments of a process since the last observation; the last of them is what it does now.
 */
export function listMoments(
  process: ProcessObservation,
  observation: Observation,
  nowMs: number,
): readonly Moment[] {
  const { steps = [], status } = process;
  const newest = steps.at(-1);
  const past = isStepOf(newest, status) ? steps.slice(0, -1) : steps;
  const moments = past.map((step, index) => ({
    status: toStatus(step),
    // Only differences of the log's clock count, and it may have been set back.
    atMs: nowMs - Math.max(0, (newest?.atMs ?? 0) - step.atMs),
    observation: {
      ...observation,
      deaths: new Map(
        "death" in step && step.death !== undefined ? [[process.name, step.death]] : [],
      ),
      daemonized: new Map(),
    },
    isPast: true,
    isOvertaken: isRunning(status) || past.slice(index + 1).some(({ kind }) => kind === "spawned"),
  }));
  return [...moments, { status, atMs: nowMs, observation, isPast: false, isOvertaken: false }];
}

function isRunning({ kind }: ProcessStatus): boolean {
  return kind === "alive" || kind === "stopping";
}

/** Whether a step led to what the process does now: its status knows more of it. */
function isStepOf(step: LifeStep | undefined, status: ProcessStatus): boolean {
  switch (step?.kind) {
    case "spawned":
      return status.kind === "alive" && status.pid === step.pid;
    case "exited":
      return status.kind === "ended";
    case "stopped":
      return status.kind === "stopped";
    case undefined:
      return false;
  }
}

function toStatus(step: LifeStep): ProcessStatus {
  switch (step.kind) {
    case "spawned":
      return { kind: "alive", pid: step.pid };
    case "exited":
      return { kind: "ended", exit: step.exit, spawnError: undefined };
    case "stopped":
      return { kind: "stopped" };
  }
}

/** Decides about everything that a process went through since the last observation, in order. */
export function decideProcess(
  limits: EnginePolicy,
  before: EngineState,
  process: ProcessObservation,
  observation: Observation,
  nowMs: number,
): EngineDecision {
  let last: EngineDecision = { state: before, actions: [] };
  const actions: Action[] = [];
  const events: EngineEvent[] = [];
  for (const moment of listMoments(process, observation, nowMs)) {
    last = decideEngine(
      limits,
      last.state,
      { ...process, status: moment.status },
      moment.observation,
      moment.atMs,
    );
    // What an operator has started meanwhile needs no start of ours.
    actions.push(...last.actions.filter(({ kind }) => !moment.isOvertaken || kind !== "start"));
    events.push(...last.events ?? []);
    if (last.outcome === undefined) continue;
    if (!moment.isOvertaken) break;
    actions.push({
      kind: "report",
      level: "warn",
      text: `${reportExit(last.outcome).text}; not exiting, because an operator has started ` +
        `${process.name} again`,
    });
  }
  return { ...last, actions, events };
}
