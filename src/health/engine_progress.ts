/**
 * Tells from an engine's own metrics whether it works, is idle, or hangs.
 *
 * It hangs where requests run and nothing that it counts has moved for too long, as two scrapes that
 * were answered show: what happens between them and after them is not known. So a scrape that failed is
 * neither idleness nor progress, and proves no hang either. Any change counts as a movement, a counter
 * that begins again among them.
 *
 * Pure: it is told the time.
 *
 * @module
 */
import type { ProgressNames } from "../engines/engine_plan.ts";
import { parseSamples, type Sample } from "../formats/prometheus.ts";

/** What one engine says of itself. */
export interface Reading {
  /** Whether requests run or wait. */
  readonly isRunning: boolean;
  /** What it has done so far: another text once it has done more. */
  readonly work: string;
}

/** The answer to one scrape. */
export type Scrape =
  /** By the value of `groupBy`. */
  | { readonly kind: "read"; readonly readings: ReadonlyMap<string, Reading> }
  /** No answer, or one that does not tell. */
  | { readonly kind: "failed" }
  /** No answer in time from an engine whose metrics are answered by what does the work. */
  | { readonly kind: "stuck" };

interface Group extends Reading {
  /** Since when requests run and nothing has moved, ms. */
  readonly sinceMs: number;
}

/** What is remembered of a run. */
export interface ProgressState {
  /** Each engine of it. */
  readonly groups: ReadonlyMap<string, Group>;
  /** When it was last read, ms. */
  readonly readMs: number | undefined;
  /** When something was last seen to have moved, ms. */
  readonly movedMs: number | undefined;
  /** From the first to the last of the scrapes in a row that were stuck, ms. */
  readonly stuck: { readonly sinceMs: number; readonly untilMs: number } | undefined;
}

/** A run of which nothing is known yet. */
export const UNREAD: ProgressState = {
  groups: new Map(),
  readMs: undefined,
  movedMs: undefined,
  stuck: undefined,
};

/** Reads the answer to a scrape. */
export function readScrape(text: string, names: ProgressNames): Scrape {
  const samples = parseSamples(text, new Set([...names.running, ...names.progress]));
  const groupOf = ({ labels }: Sample) =>
    names.groupBy === undefined ? "" : labels.get(names.groupBy) ?? "";
  const readings = new Map<string, Reading>();
  for (const [group, of] of Map.groupBy(samples, groupOf)) {
    const sum = (name: string) =>
      of.filter((sample) => sample.name === name).reduce((total, { value }) => total + value, 0);
    if (!of.some(({ name }) => names.running.includes(name))) continue;
    readings.set(group, {
      isRunning: names.running.some((name) => sum(name) > 0),
      work: names.progress.map(sum).join(" "),
    });
  }
  return readings.size === 0 ? { kind: "failed" } : { kind: "read", readings };
}

/** Records a scrape. */
export function noteScrape(state: ProgressState, scrape: Scrape, nowMs: number): ProgressState {
  switch (scrape.kind) {
    case "failed":
      return { ...state, stuck: undefined };
    case "stuck":
      // What moved since it was last read is not known, so that counts for nothing.
      return { ...state, stuck: { sinceMs: state.stuck?.sinceMs ?? nowMs, untilMs: nowMs } };
    case "read": {
      let { movedMs } = state;
      const groups = new Map<string, Group>();
      for (const [name, reading] of scrape.readings) {
        const before = state.groups.get(name);
        const hasMoved = before !== undefined && before.work !== reading.work;
        if (hasMoved) movedMs = nowMs;
        const goesOn = before !== undefined && before.isRunning && reading.isRunning && !hasMoved;
        groups.set(name, { ...reading, sinceMs: goesOn ? before.sinceMs : nowMs });
      }
      return { groups, readMs: nowMs, movedMs, stuck: undefined };
    }
  }
}

/**
 * For how long requests have run while nothing moved, as far as that was seen: an idle engine would not
 * have been stuck.
 */
export function findStallMs({ groups, readMs = 0, stuck }: ProgressState): number {
  const stalls = [...groups.values()].map(({ isRunning, sinceMs }) =>
    isRunning ? readMs - sinceMs : 0
  );
  return Math.max(0, stuck === undefined ? 0 : stuck.untilMs - stuck.sinceMs, ...stalls);
}
