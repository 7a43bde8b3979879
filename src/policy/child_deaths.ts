/**
 * Notices a server that hides its broken workers: uvicorn with `--workers` and an import error forks new
 * ones indefinitely (43 deaths in 75 s were seen), while it looks alive and well itself.
 *
 * Pure: it is fed with the births and deaths of a process's direct children, as they are seen.
 *
 * @module
 */

/** A direct child of a managed process that has died, the process itself being alive. */
export interface ChildDeath {
  /** How long it lived, ms. */
  readonly lifeMs: number;
  /**
   * Whether it ran the executable of its parent, as a worker does; a shell's commands come and go by
   * hundreds and are no workers.
   */
  readonly isWorker: boolean;
}

/** A worker that lived longer has done some work, and was replaced in good order, ms. */
const SHORT_LIFE_MS = 30_000;

/** So many short lives inside the window are no accident: nginx and gunicorn fork a few at each reload. */
const MAX_DEATHS = 5;

/** The window, ms. */
const WINDOW_MS = 60_000;

/** What is remembered of one run's children. */
export interface ChildDeaths {
  /** When workers died young inside the window, ms. */
  readonly diedMs: readonly number[];
  /** Whether it was said: once a run. */
  readonly isSaid: boolean;
}

/** A run of which no child has died yet. */
export const NO_CHILD_DEATHS: ChildDeaths = { diedMs: [], isSaid: false };

/**
 * Records a child's death.
 *
 * @example
 * ```ts
 * import { NO_CHILD_DEATHS, noteChildDeath } from "./child_deaths.ts";
 *
 * let deaths = NO_CHILD_DEATHS;
 * for (let nowMs = 0; nowMs < 10_000; nowMs += 1_700) {
 *   const noted = noteChildDeath(deaths, { lifeMs: 1_500, isWorker: true }, "llm:llm", nowMs);
 *   deaths = noted.deaths;
 *   if (noted.text !== undefined) console.log(noted.text);
 * }
 * ```
 */
export function noteChildDeath(
  deaths: ChildDeaths,
  { lifeMs, isWorker }: ChildDeath,
  name: string,
  nowMs: number,
): { readonly deaths: ChildDeaths; readonly text: string | undefined } {
  if (deaths.isSaid || !isWorker || lifeMs >= SHORT_LIFE_MS) return { deaths, text: undefined };
  const diedMs = [...deaths.diedMs.filter((at) => nowMs - at < WINDOW_MS), nowMs];
  if (diedMs.length < MAX_DEATHS) return { deaths: { diedMs, isSaid: false }, text: undefined };
  const seconds = Math.max(1, Math.round((nowMs - (diedMs[0] ?? nowMs)) / 1000));
  return {
    deaths: { diedMs: [], isSaid: true },
    text: `${name} runs, but its workers die again and again: ${diedMs.length} in ${seconds} s, ` +
      "each after less than 30 s. It may serve nothing; its own output says why",
  };
}
