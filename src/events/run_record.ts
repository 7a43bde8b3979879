/**
 * The record of every run of a managed process: when it began, served, died and was swept, how it ended,
 * why, and what was done. Every report is a view of it.
 *
 * @module
 */
import type { Exit } from "../formats/exit.ts";
import type { Death } from "../policy/cause.ts";
import type { NextStep } from "../policy/engine_event.ts";
import type { LaunchEvent } from "./launch_event.ts";

/** One run of one process. */
export interface RunRecord {
  /** supervisord's name for the process, `group:process`; the command's first word in a direct launch. */
  readonly name: string;
  /** Which run of it, counted from 1. */
  readonly run: number;
  /** `undefined` where it died before it was seen. */
  readonly pid: number | undefined;
  /** When it was spawned. */
  readonly spawnedAt: Date;
  /** When it counted as started; `undefined` where it has not. */
  readonly startedAt?: Date;
  /** Why it was stopped as unhealthy; `undefined` where it was not. */
  readonly unhealthy?: string;
  /** Since when it was. */
  readonly unhealthyAt?: Date;
  /** When its end was seen; `undefined` while it lives. */
  readonly diedAt?: Date;
  /** How it ended; `undefined` while it lives, and where it was stopped. */
  readonly exit?: Exit | undefined;
  /** Why it died; `undefined` where nothing tells. */
  readonly death?: Death | undefined;
  /** What its death led to. */
  readonly next?: NextStep;
  /** When what it left was gone. */
  readonly sweptAt?: Date;
  /** How many processes it left behind. */
  readonly orphans?: number;
  /** Whether it was ended by a stop of everything, or by hand. */
  readonly wasStopped?: true;
}

/** So many runs are kept. */
export const MAX_RUNS = 32;

/**
 * Works an event into the record.
 *
 * @param runs The runs so far, oldest first.
 * @param event What happened.
 * @returns The runs after it, at most {@linkcode MAX_RUNS}.
 */
export function advanceRuns(
  runs: readonly RunRecord[],
  event: LaunchEvent,
): readonly RunRecord[] {
  const { at } = event;
  const change = (changed: Partial<RunRecord>): readonly RunRecord[] => {
    if (!("run" in event)) return runs;
    const index = runs.findLastIndex(({ name, run }) => name === event.name && run === event.run);
    const before = runs[index];
    if (before !== undefined) return runs.with(index, { ...before, ...changed });
    const { name, run } = event;
    const spawnedAt = new Date(at.getTime() - ("afterMs" in event ? event.afterMs : 0));
    return [...runs, { name, run, pid: undefined, spawnedAt, ...changed }].slice(-MAX_RUNS);
  };
  switch (event.kind) {
    case "spawned":
      return [
        // Replaced by hand, or by `supervisorctl reload`: nobody saw the one before die.
        ...runs.map((run) =>
          run.name === event.name && run.diedAt === undefined ? endStopped(run, at) : run
        ),
        { name: event.name, run: event.run, pid: event.pid, spawnedAt: at },
      ].slice(-MAX_RUNS);
    case "started":
    case "recovered":
      return change({ startedAt: at });
    case "unhealthy":
      return change({ unhealthy: event.reason, unhealthyAt: at });
    case "died":
      return change({ diedAt: at, exit: event.exit, death: event.death, next: event.next });
    case "swept":
      return change({ sweptAt: at, orphans: event.orphans });
    case "halted":
      return change({ diedAt: at, wasStopped: true });
    case "gaveUp":
    case "stopped":
      return runs.map((run) => run.diedAt === undefined ? endStopped(run, at) : run);
    default:
      return runs;
  }
}

function endStopped(run: RunRecord, at: Date): RunRecord {
  return { ...run, diedAt: at, wasStopped: true };
}
