/** Results: what every round has read, medians and spread of it. No effects. */

/** What is measured, with its unit. */
export interface Measure {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** Which way is good. */
  readonly better: "less" | "more";
}

/** What one round has read. */
export interface Reading {
  /** `null` where it never came: Infinity does not survive JSON. */
  readonly value: number | null;
  /** What goes with it, such as an exit code. */
  readonly note?: string;
}

/** All rounds of one contender in one scenario. */
export interface Row {
  readonly contender: string;
  readonly version: string;
  readonly isOurs: boolean;
  readonly rounds: readonly Readonly<Record<string, Reading>>[];
  /** Why there is no round, or no further one. */
  readonly cannot?: string;
}

/** One scenario, measured. */
export interface Result {
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly measures: readonly Measure[];
  /** `2026-11-28`. */
  readonly date: string;
  readonly rows: readonly Row[];
}

/** Median and range of some rounds. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  readonly count: number;
  /** The rounds in which it never came. */
  readonly never: number;
  /** Every different note. */
  readonly notes: readonly string[];
}

/**
 * Sums up one measure of a row.
 *
 * @param row All rounds.
 * @param key The measure.
 * @returns Its spread; `undefined` where no round has it. `never` counts above every number.
 */
export function summarize(row: Row, key: string): Spread | undefined {
  const readings = row.rounds.flatMap((round) => round[key] ?? []);
  if (readings.length === 0) return undefined;
  const values = readings.map(({ value }) => value ?? Infinity).toSorted((a, b) => a - b);
  return {
    median: findMedian(values),
    lowest: values[0]!,
    highest: values.at(-1)!,
    count: values.length,
    never: values.filter((value) => value === Infinity).length,
    notes: [...new Set(readings.flatMap(({ note }) => note ?? []))],
  };
}

/** @returns The middle of sorted values, of an even number the mean of both. */
function findMedian(sorted: readonly number[]): number {
  const upper = sorted[Math.floor(sorted.length / 2)]!;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]!;
  return lower === upper ? upper : (lower + upper) / 2;
}
