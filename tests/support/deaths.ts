/** Runs of an engine that always dies, which records every start itself. */
import { python } from "./engines.ts";
import { Run } from "./run.ts";
import type { InstalledSupervisord } from "./supervisords.ts";

/** What an engine that always dies came to. */
export interface Deaths {
  /** Start times by the wall clock, ms. */
  readonly startsMs: number[];
  /** Between each death and the next start, ms. */
  readonly pausesMs: number[];
  /** The exit code. */
  readonly code: number;
  /** From the last death to the program's end, ms. */
  readonly endMs: number;
  /** Live processes after the end. */
  readonly left: number;
  /** All of it, for an error. */
  readonly text: string;
}

/** Both limits used up one after the other, with every pause that they call for, take 16 s, ms. */
const MAX_MS = 40_000;

/**
 * Runs an engine that dies `delayMs` after each start, to the end.
 *
 * @param supervisord Which supervisord to run it under.
 * @param delayMs From the engine's first instruction to its death, ms; it exits with 3.
 * @param env The limits.
 * @returns Starts as the engine itself counted them, and the end.
 */
export async function runDeaths(
  supervisord: InstalledSupervisord,
  delayMs: number,
  env: Record<string, string>,
): Promise<Deaths> {
  await using run = new Run({
    supervisord,
    args: (directory) =>
      python(supervisord, "dies_at_once.py", String(delayMs), "3", `${directory}/starts`),
    env,
  });
  const end = await run.waitForEnd(MAX_MS);
  const startsMs = run.readNumbers("starts").map(([wallNs = 0]) => wallNs / 1e6);
  return {
    startsMs,
    pausesMs: startsMs.slice(1).map((at, index) => at - startsMs[index]! - delayMs),
    code: end.code,
    endMs: end.atMs - (startsMs.at(-1) ?? 0) - delayMs,
    left: run.readLeft().length,
    text: run.describe(`deaths after ${delayMs} ms, ${JSON.stringify(env)}`),
  };
}
