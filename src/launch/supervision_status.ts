/**
 * Where a launch stands, as a fold of its events.
 *
 * @module
 */
import type { Exit } from "../formats/exit.ts";
import type { EngineEvent, NextStep } from "../policy/engine_event.ts";
import type { Outcome } from "../policy/outcome.ts";

/** What happened, and when: events of the engine, and at last one of the end. */
export type LaunchEvent =
  & (
    | EngineEvent
    /** A limit was reached, or recovery is hopeless: everything has ended. */
    | { readonly kind: "gaveUp"; readonly outcome: Outcome }
    /** Everything has ended in any other way, which `outcome` tells. */
    | { readonly kind: "stopped"; readonly outcome: Outcome }
  )
  & {
    /** The time of day. */
    readonly at: Date;
  };

/** Where one of the engine's processes stands. */
export interface EngineStatus {
  /** supervisord's name for it, `group:process`; the command's first word in a direct launch. */
  readonly name: string;
  /** `loading` until it counts as started, `down` after a death, `unhealthy` while it is being stopped. */
  readonly state: "loading" | "serving" | "unhealthy" | "down";
  /** Its pid; `undefined` while it is down. */
  readonly pid: number | undefined;
  /** How often it was spawned. */
  readonly starts: number;
  /** How it ended last. */
  readonly lastExit: Exit | undefined;
  /** What its last death led to. */
  readonly next: NextStep | undefined;
}

/** A snapshot of a launch. */
export interface SupervisionStatus {
  /**
   * `starting` until every engine process has counted as started once, `recovering` while one that had
   * is down or loads, `serving` else; `stopping` once a stop was asked for; `ended`.
   */
  readonly phase: "starting" | "serving" | "recovering" | "stopping" | "ended";
  /** The engine's processes; one, unless `numprocs` says more. */
  readonly engines: readonly EngineStatus[];
}

/** The status before anything has happened. */
export const INITIAL_STATUS: SupervisionStatus = { phase: "starting", engines: [] };

function advanceEngine(engine: EngineStatus, event: EngineEvent): EngineStatus {
  switch (event.kind) {
    case "spawned":
      return { ...engine, state: "loading", pid: event.pid, starts: engine.starts + 1 };
    case "started":
    case "recovered":
      return { ...engine, state: "serving" };
    case "unhealthy":
      return { ...engine, state: "unhealthy" };
    case "died":
      return {
        ...engine,
        state: "down",
        pid: undefined,
        lastExit: event.exit ?? engine.lastExit,
        next: event.next,
      };
  }
}

/**
 * Works an event into a status.
 *
 * @param status The status before.
 * @param event What happened.
 * @returns The status after it.
 */
export function advanceStatus(status: SupervisionStatus, event: LaunchEvent): SupervisionStatus {
  if (event.kind === "gaveUp" || event.kind === "stopped") {
    return {
      phase: "ended",
      engines: status.engines.map((engine) => ({ ...engine, state: "down", pid: undefined })),
    };
  }
  const fresh: EngineStatus = {
    name: event.name,
    state: "down",
    pid: undefined,
    starts: 0,
    lastExit: undefined,
    next: undefined,
  };
  const isKnown = status.engines.some(({ name }) => name === event.name);
  const engines = (isKnown ? status.engines : [...status.engines, fresh])
    .map((engine) => engine.name === event.name ? advanceEngine(engine, event) : engine);
  return { phase: findPhase(status.phase, engines), engines };
}

function findPhase(
  before: SupervisionStatus["phase"],
  engines: readonly EngineStatus[],
): SupervisionStatus["phase"] {
  if (before === "stopping" || before === "ended") return before;
  if (engines.every(({ state }) => state === "serving")) return "serving";
  return before === "starting" ? "starting" : "recovering";
}
