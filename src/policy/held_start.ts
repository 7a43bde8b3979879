/**
 * The next run of a process while it may not begin yet: its back-off is not over, or the GPU or a port is
 * not free.
 *
 * An operator must be able to call it off, and supervisord lets one stop only what runs. So the next run is
 * spawned at once if it can be held: as a shell that waits for our release before it becomes the command.
 *
 * @module
 */
import type { Run } from "./engine_state.ts";
import type { Observation, ProcessStatus } from "./observation.ts";

/** A process that is down. */
export type DownRun = Extract<Run, { kind: "down" }>;

/** Shorter waits are not worth a held start, ms. */
const MIN_HOLD_MS = 50;

/** How often the next run is held again if somebody kills it while it waits. */
const MAX_HOLDS = 5;

/** What is to be done about a process that is down. */
export type DownStep =
  /** Wait, until a time if one is known. */
  | { readonly kind: "wait"; readonly untilMs: number | undefined }
  /** Spawn the next run, held. */
  | { readonly kind: "hold" }
  /** Start the next run. */
  | { readonly kind: "start" }
  /** The held run has been seen for the first time. */
  | { readonly kind: "held"; readonly pid: number }
  /** Let the held run become the command. */
  | { readonly kind: "release"; readonly pid: number }
  /** An operator has started it; a held run of ours may have been replaced by that. */
  | { readonly kind: "started_by_operator"; readonly pid: number; readonly wasHeld: boolean }
  /** An operator is stopping the held run, which needs no grace. */
  | { readonly kind: "kill"; readonly pid: number }
  /** An operator has stopped the held run. */
  | { readonly kind: "stopped_by_operator"; readonly pid: number }
  /** The held run has ended, or could not be spawned. */
  | { readonly kind: "forget" };

/** Decides what to do about a process that is down. */
export function decideDownStep(
  canHold: boolean,
  run: DownRun,
  status: ProcessStatus,
  observation: Pick<Observation, "swept" | "cleared" | "held">,
  name: string,
  nowMs: number,
): DownStep {
  const { held } = run;
  const wasSpawned = observation.held?.has(name) === true;
  const hasHeld = held?.pid !== undefined;
  const isSwept = (observation.swept.get(name) ?? 0) >= run.run;
  const cleared = observation.cleared === undefined ? run.run : observation.cleared.get(name) ?? 0;
  const isCleared = isSwept && cleared >= run.run;
  const isDue = isCleared && nowMs >= run.untilMs;
  switch (status.kind) {
    case "alive":
      if (held === undefined || !wasSpawned || (hasHeld && held.pid !== status.pid)) {
        return { kind: "started_by_operator", pid: status.pid, wasHeld: wasSpawned };
      }
      if (!hasHeld) return { kind: "held", pid: status.pid };
      return isDue ? { kind: "release", pid: status.pid } : { kind: "wait", untilMs: run.untilMs };
    case "stopping":
      return hasHeld ? { kind: "kill", pid: held.pid } : { kind: "wait", untilMs: undefined };
    case "stopped":
      if (hasHeld && status.isNew !== true) return { kind: "stopped_by_operator", pid: held.pid };
      break;
    case "ended":
      break;
  }
  if (hasHeld || (held !== undefined && !wasSpawned)) return { kind: "forget" };
  if (isDue) return { kind: "start" };
  if (canHold && held === undefined && (run.holds ?? 0) < MAX_HOLDS && isSwept) {
    const holdMs = run.sinceMs + MIN_HOLD_MS;
    if (nowMs >= holdMs || run.untilMs >= nowMs + MIN_HOLD_MS) return { kind: "hold" };
    return { kind: "wait", untilMs: isCleared ? run.untilMs : holdMs };
  }
  return { kind: "wait", untilMs: isCleared ? run.untilMs : undefined };
}
