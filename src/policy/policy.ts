/**
 * When to restart a program, when to give up, and when to end: the only place that decides. The engine
 * and critical programs are held to limits here; all others are supervisord's to restart.
 *
 * Pure: {@linkcode decide} takes the state so far, what was observed and the time of a monotonic
 * clock, and gives the next state and the actions to perform.
 *
 * @module
 */
import { type EnginePolicy, type EngineState, UNSEEN } from "./engine_state.ts";
import type { EngineEvent } from "./engine_event.ts";
import type { Action, Observation } from "./observation.ts";
import { decideProcess } from "./replay.ts";
import { outcomeOfCritical, supervisordOutcome, withKilled } from "./endings.ts";
import { type Outcome, reportExit } from "./outcome.ts";

/** Whether the container goes on, is ending, or has ended. */
export type Phase =
  | { readonly kind: "supervising" }
  | {
    readonly kind: "stopping";
    readonly outcome: Outcome;
    /** When patience ends and everything is killed, ms; once killed, when to end anyway. */
    readonly deadlineMs: number;
    /** How many stop signals had come when the stop began or was last acted on. */
    readonly stopSignalsSeen: number;
    readonly killed: boolean;
  }
  | { readonly kind: "done"; readonly outcome: Outcome };

/** What the policy remembers. */
export interface PolicyState {
  /** Where the container stands. */
  readonly phase: Phase;
  /** Each managed process by name, the engine's and critical programs'. */
  readonly engines: ReadonlyMap<string, EngineState>;
  /** Programs that supervisord gave up on and that were reported. */
  readonly fatal: ReadonlySet<string>;
}

/** What the policy decided. */
export interface Decision {
  /** The state to pass in next time. */
  readonly state: PolicyState;
  /** What to do now, in order. */
  readonly actions: readonly Action[];
  /** What happened to the engine, in order. */
  readonly events?: readonly EngineEvent[] | undefined;
  /** When to decide again even if nothing is observed, ms; `undefined` for whenever. */
  readonly wakeAtMs: number | undefined;
}

/** What the policy is told once. */
export interface Policy {
  /** The limits of every process whose restarts are ours and whose end ends the container, by name. */
  readonly programs: ReadonlyMap<string, EnginePolicy>;
  /** How long a stop of everything may take before it is forced, ms. */
  readonly shutdownGraceMs: number;
}

/** How long a killed supervisord may take to be gone, ms; the kernel may be unable to end it. */
const KILL_PATIENCE_MS = 5_000;

/** The state before anything was observed. */
export const INITIAL_STATE: PolicyState = {
  phase: { kind: "supervising" },
  engines: new Map(),
  fatal: new Set(),
};

/** Decides what to do next. */
export function decide(
  policy: Policy,
  state: PolicyState,
  observation: Observation,
  nowMs: number,
): Decision {
  switch (state.phase.kind) {
    case "done":
      return { state, actions: [], wakeAtMs: undefined };
    case "stopping":
      return decideStopping(policy, state, state.phase, observation, nowMs);
    case "supervising":
      return decideSupervising(policy, state, observation, nowMs);
  }
}

function decideStopping(
  policy: Policy,
  state: PolicyState,
  phase: Extract<Phase, { kind: "stopping" }>,
  observation: Observation,
  nowMs: number,
): Decision {
  const hasTime = observation.stop?.isWaiting === true && !phase.killed;
  if (observation.supervisord.kind === "ended" && !hasTime) {
    return finish(state, withKilled(phase.outcome, observation));
  }
  const impatient = observation.stopSignals.length > phase.stopSignalsSeen;
  if (phase.killed && nowMs >= phase.deadlineMs) {
    return finish(state, withKilled(phase.outcome, observation));
  }
  if (!phase.killed && (impatient || nowMs >= phase.deadlineMs)) {
    const reason = impatient
      ? `${observation.stopSignals.at(-1)} came while stopping`
      : `stopping took longer than ${policy.shutdownGraceMs / 1000} s`;
    return {
      state: {
        ...state,
        phase: { ...phase, killed: true, deadlineMs: nowMs + KILL_PATIENCE_MS },
      },
      actions: [
        {
          ...{ kind: "report", level: "warn", text: `${reason}: killing everything` },
          fields: { event: "killing", reason },
        },
        { kind: "kill", reason },
      ],
      wakeAtMs: nowMs + KILL_PATIENCE_MS,
    };
  }
  return { state, actions: [], wakeAtMs: phase.deadlineMs };
}

function decideSupervising(
  policy: Policy,
  state: PolicyState,
  observation: Observation,
  nowMs: number,
): Decision {
  const { supervisord, stopSignals } = observation;
  if (supervisord.kind === "ended") {
    const outcome = supervisordOutcome(supervisord, observation);
    if (outcome.kind !== "stopped") return finish(state, outcome);
    // It has stopped its programs; what they leave has its grace as well.
    return { ...beginStop(policy, state, outcome, observation, nowMs), actions: [] };
  }
  const [signal] = stopSignals;
  if (signal !== undefined) {
    return beginStop(policy, state, { kind: "stopped", by: signal }, observation, nowMs);
  }
  if (supervisord.kind === "silent" && supervisord.hung) {
    const outcome: Outcome = { kind: "supervisord_failed", reason: "it stopped answering" };
    return killAll(state, outcome, "supervisord stopped answering", observation, nowMs);
  }
  if (supervisord.kind !== "answering") return { state, actions: [], wakeAtMs: undefined };
  if (!observation.processes.some(({ isEngine }) => isEngine)) {
    const names = observation.processes.map(({ name }) => name).join(", ") || "none";
    const reason = `supervisord runs no process of the engine's name, but ${names}: ` +
      "an included file or a process_name has renamed it";
    const outcome: Outcome = { kind: "gave_up", reason, lastExit: undefined };
    return beginStop(policy, state, outcome, observation, nowMs);
  }

  const engines = new Map(state.engines);
  const fatal = new Set(state.fatal);
  const actions: Action[] = [];
  const events: EngineEvent[] = [];
  let wakeAtMs: number | undefined;
  for (const process of observation.processes) {
    const limits = policy.programs.get(process.name);
    if (limits !== undefined) {
      const before = engines.get(process.name) ?? UNSEEN;
      const decision = decideProcess(limits, before, process, observation, nowMs);
      engines.set(process.name, decision.state);
      actions.push(...decision.actions);
      events.push(...decision.events ?? []);
      if (decision.outcome !== undefined) {
        const outcome = process.isEngine
          ? decision.outcome
          : outcomeOfCritical(process.name, decision.outcome);
        const begun = decision.isHopeless === true
          ? killAll({ ...state, engines }, outcome, reportExit(outcome).text, observation, nowMs)
          : beginStop(policy, { ...state, engines }, outcome, observation, nowMs);
        return { ...begun, actions: [...actions, ...begun.actions], events };
      }
      wakeAtMs = earliest(wakeAtMs, decision.wakeAtMs);
    } else if (process.isFatal && !fatal.has(process.name)) {
      fatal.add(process.name);
      const reason = process.status.kind === "ended" ? process.status.spawnError : undefined;
      const text = `${process.name} cannot be started: supervisord gave up` +
        (reason === undefined ? "" : ` (${reason})`);
      actions.push({ kind: "report", level: "warn", text });
    } else if (!process.isFatal) {
      fatal.delete(process.name);
    }
  }
  return { state: { ...state, engines, fatal }, actions, events, wakeAtMs };
}

function beginStop(
  policy: Policy,
  state: PolicyState,
  outcome: Outcome,
  observation: Observation,
  nowMs: number,
): Decision {
  const deadlineMs = nowMs + policy.shutdownGraceMs;
  const begun: PolicyState = {
    ...state,
    phase: {
      kind: "stopping",
      outcome,
      deadlineMs,
      stopSignalsSeen: Math.max(observation.stopSignals.length, outcome.kind === "stopped" ? 1 : 0),
      killed: false,
    },
  };
  const text = outcome.kind === "stopped" ? `${outcome.by} came: stopping everything` : undefined;
  return {
    state: begun,
    actions: [
      ...text === undefined
        ? []
        : [{ kind: "report", level: "info", text, fields: { event: "stopping" } } as const],
      { kind: "shutdown" },
    ],
    wakeAtMs: deadlineMs,
  };
}

/** Ends without waiting for anybody's grace. */
function killAll(
  state: PolicyState,
  outcome: Outcome,
  reason: string,
  { stopSignals }: Observation,
  nowMs: number,
): Decision {
  const deadlineMs = nowMs + KILL_PATIENCE_MS;
  return {
    state: {
      ...state,
      phase: {
        kind: "stopping",
        outcome,
        deadlineMs,
        stopSignalsSeen: stopSignals.length,
        killed: true,
      },
    },
    actions: [
      {
        ...{ kind: "report", level: "error", text: `${reason}: killing everything` },
        fields: { event: "killing", reason },
      },
      { kind: "kill", reason },
    ],
    wakeAtMs: deadlineMs,
  };
}

/** Ends: nothing of the state but the outcome counts any more. */
function finish(state: PolicyState, outcome: Outcome): Decision {
  return {
    state: { ...state, phase: { kind: "done", outcome } },
    actions: [],
    wakeAtMs: undefined,
  };
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return Math.min(a, b);
}
