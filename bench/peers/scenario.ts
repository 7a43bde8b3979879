/** A scenario: what is done with each contender, and what is read off. */
import { pause, wallMs } from "../../tests/support/processes.ts";
import type { Run } from "../../tests/support/run.ts";
import { readStarts, type Start, waitForStart } from "../../tests/support/engines.ts";
import type { Contender } from "./contender.ts";
import type { Measure, Reading } from "./results.ts";

/** What a scenario needs of the bench. */
export interface Bench {
  /** A Python for small engines: `-S -I` makes it start within 10 ms. */
  readonly python: string;
  /** How long the idle contenders are watched, s. */
  readonly idleSecs: number;
}

/** One scenario. */
export interface Scenario {
  /** What `--only` calls it. */
  readonly name: string;
  readonly title: string;
  /** What is measured and how, for the reader of the table. */
  readonly text: string;
  readonly measures: readonly Measure[];
  /** Which kinds of contenders take part; supervisors alone by default. */
  readonly kinds?: readonly Contender["kind"][];
  /** No more rounds than this, however many are asked for. */
  readonly mostRounds: number;
  /** All contenders at the same time: for times of seconds, which a second core's work does not change. */
  readonly isTogether?: boolean;
  /** A reading for each key of {@linkcode Scenario.measures}, or fewer. */
  readonly measure: (
    contender: Contender,
    bench: Bench,
  ) => Promise<Readonly<Record<string, Reading>>>;
}

/** After this the engine counts as started everywhere, so that its death is a crash, ms. */
export const STARTED_MS = 1_300;

/** Compilers and caches of a start are still at work before this, ms. */
export const SETTLED_MS = 3_000;

/** supervisord looks every second: what comes at any moment must not always meet the same part of it, ms. */
const TICK_MS = 1_000;

/** Waits until an engine counts as started, and then up to a second more, by chance. */
export async function waitUntilStarted(run: Run): Promise<Start> {
  const start = await waitForStart(run);
  await pause(Math.max(0, start.atMs + STARTED_MS + Math.random() * TICK_MS - wallMs()));
  return start;
}

/** @returns What a count of starts is called. */
export function countStarts(run: Run): string {
  const { length } = readStarts(run);
  return length === 1 ? "1 start" : `${length} starts`;
}
