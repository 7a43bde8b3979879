/**
 * Where a launch stands, as a fold of its events.
 *
 * @module
 */
import type { Exit } from "../formats/exit.ts";
import type { EngineEvent, NextStep } from "../policy/engine_event.ts";
import type { ExitReport } from "../policy/outcome.ts";
import type { LaunchEvent, SidecarState } from "../events/launch_event.ts";
import { advanceRuns, type RunRecord } from "../events/run_record.ts";

/** Where one of the processes stands whose restarts are ours. */
export interface EngineStatus {
  /** supervisord's name for it, `group:process`; the command's first word in a direct launch. */
  readonly name: string;
  /**
   * `loading` until it counts as started, `unhealthy` while it is being stopped since it hangs, `draining`
   * while it is for its memory or by hand, `down` after a death, `halted` once somebody stopped it by hand.
   */
  readonly state: "loading" | "serving" | "unhealthy" | "draining" | "down" | "halted";
  /** Since when. */
  readonly since: Date;
  /** Its pid; `undefined` while it is down. */
  readonly pid: number | undefined;
  /** How often it was spawned. */
  readonly starts: number;
  /** How it ended last. */
  readonly lastExit: Exit | undefined;
  /** What its last death led to. */
  readonly next: NextStep | undefined;
  /** When its recoveries began, of those that may still count. */
  readonly recoveries: readonly Date[];
  /** Failed starts in a row. */
  readonly failedStarts: number;
}

/** Where a program stands that supervisord alone restarts. */
export interface SidecarStatus {
  /** `group:process`. */
  readonly name: string;
  /** What it does. */
  readonly state: SidecarState;
  /** Since when. */
  readonly since: Date;
  /** Its pid; `undefined` where it does not run. */
  readonly pid: number | undefined;
  /** How it ended last. */
  readonly lastExit: Exit | undefined;
}

/** What the engine's probe says. */
export interface ProbeStatus {
  /** Why it is no good answer; `undefined` for a good one. */
  readonly reason: string | undefined;
  /** Since when. */
  readonly since: Date;
}

/** A snapshot of a launch. */
export interface SupervisionStatus {
  /**
   * `installing` while what the model needs is installed; `starting` until every managed process has
   * counted as started once, `recovering` while one that had is down or loads, `serving` else; `stopping`
   * once everything is being stopped; `ended`.
   */
  readonly phase: "installing" | "starting" | "serving" | "recovering" | "stopping" | "ended";
  /** Since when; `undefined` before anything has happened. */
  readonly since: Date | undefined;
  /** Why everything is being stopped; `undefined` where it is not. */
  readonly stopReason: string | undefined;
  /** The processes whose restarts are ours: the engine's, and critical programs'. */
  readonly engines: readonly EngineStatus[];
  /** The other programs. */
  readonly sidecars: readonly SidecarStatus[];
  /** What the probe says; `undefined` where there is none, or no answer yet. */
  readonly probe: ProbeStatus | undefined;
  /** The last runs, oldest first. */
  readonly runs: readonly RunRecord[];
  /** How everything ended; `undefined` while it goes on. */
  readonly exit: ExitReport | undefined;
}

/** The status before anything has happened. */
export const INITIAL_STATUS: SupervisionStatus = {
  phase: "starting",
  since: undefined,
  stopReason: undefined,
  engines: [],
  sidecars: [],
  probe: undefined,
  runs: [],
  exit: undefined,
};

/** Recoveries that are remembered at most: no limit is higher. */
const MAX_RECOVERIES = 100;

function advanceEngine(engine: EngineStatus, event: EngineEvent, at: Date): EngineStatus {
  switch (event.kind) {
    case "spawned":
      return { ...engine, state: "loading", since: at, pid: event.pid, starts: event.run };
    case "started":
    case "recovered":
      return { ...engine, state: "serving", since: at };
    case "unhealthy":
    case "draining":
      return { ...engine, state: event.kind, since: at };
    case "died":
      return {
        ...engine,
        state: "down",
        since: at,
        pid: undefined,
        starts: event.run, // One that died before it was seen was never told of as spawned.
        lastExit: event.exit ?? engine.lastExit,
        next: event.next,
        recoveries: event.next.kind === "recovery"
          ? [...engine.recoveries, at].slice(-MAX_RECOVERIES)
          : engine.recoveries,
        failedStarts: event.failedStarts,
      };
    case "held":
      return { ...engine, starts: event.run };
    case "halted":
      return { ...engine, state: "halted", since: at, pid: undefined };
    case "swept":
      return engine;
  }
}

/**
 * Works an event into a status.
 *
 * @param before The status before.
 * @param event What happened.
 * @returns The status after it.
 */
export function advanceStatus(before: SupervisionStatus, event: LaunchEvent): SupervisionStatus {
  const { at } = event;
  const status = { ...before, runs: advanceRuns(before.runs, event) };
  switch (event.kind) {
    case "gaveUp":
    case "stopped":
      return {
        ...enter(status, "ended", at),
        exit: event.exit,
        engines: status.engines.map((engine) => ({ ...engine, state: "down", pid: undefined })),
        sidecars: status.sidecars.map((one) => ({ ...one, state: "stopped", pid: undefined })),
      };
    case "stopping":
      return {
        ...enter(status, "stopping", at),
        stopReason: status.stopReason ?? event.reason,
      };
    case "installing":
      return enter(status, "installing", at);
    case "installed":
      return enter(status, "starting", at);
    case "probe":
      return { ...status, probe: { reason: event.reason, since: at } };
    case "program": {
      const { name, state, pid, exit } = event;
      const others = status.sidecars.filter((one) => one.name !== name);
      return { ...status, sidecars: [...others, { name, state, since: at, pid, lastExit: exit }] };
    }
    default: {
      const isKnown = status.engines.some(({ name }) => name === event.name);
      const fresh = makeEngine(event.name, at);
      const engines = (isKnown ? status.engines : [...status.engines, fresh])
        .map((engine) => engine.name === event.name ? advanceEngine(engine, event, at) : engine);
      // A new run has not been asked yet.
      const probe = event.kind === "spawned" ? undefined : status.probe;
      return { ...enter(status, findPhase(status.phase, engines), at), engines, probe };
    }
  }
}

function makeEngine(name: string, since: Date): EngineStatus {
  return {
    name,
    state: "down",
    since,
    pid: undefined,
    starts: 0,
    lastExit: undefined,
    next: undefined,
    recoveries: [],
    failedStarts: 0,
  };
}

/** A stop stays one, and the end an end. */
function enter(
  status: SupervisionStatus,
  phase: SupervisionStatus["phase"],
  at: Date,
): SupervisionStatus {
  const isFinal = status.phase === "ended" || status.phase === "stopping" && phase !== "ended";
  return isFinal || status.phase === phase && status.since !== undefined
    ? status
    : { ...status, phase, since: at };
}

function findPhase(
  before: SupervisionStatus["phase"],
  engines: readonly EngineStatus[],
): SupervisionStatus["phase"] {
  if (before === "stopping" || before === "ended") return before;
  if (engines.every(({ state }) => state === "serving")) return "serving";
  return before === "starting" || before === "installing" ? "starting" : "recovering";
}
