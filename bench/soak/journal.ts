/** What a soak has come to so far: how each fault went, and what did not hold. */

import type { Sample } from "./samples.ts";

/** How one kind of fault went. */
export interface Tally {
  /** How long each took until service or the end, ms. */
  readonly tookMs: number[];
  /** What it ended with, of those that are to end. */
  readonly codes: Set<number>;
  /** How often something did not hold. */
  broken: number;
}

/** Of a log, so many of the last lines are shown. */
const SHOWN_LINES = 12;

/** Keeps it, and says what does not hold as soon as it is seen. */
export class Journal {
  /** What the order of the faults comes from. */
  readonly seed: number;
  /** Faults that the long-lived instance went through, in the order in which they first came. */
  readonly faults: Map<string, Tally> = new Map();
  /** Ends of instances that live shortly. */
  readonly endings: Map<string, Tally> = new Map();
  /** What the long-lived instance used, once after each fault. */
  readonly samples: Sample[] = [];
  /** Everything that did not hold. */
  readonly broken: string[] = [];
  readonly #beganMs = performance.now();

  /** @param seed What the order of the faults comes from. */
  constructor(seed: number) {
    this.seed = seed;
  }

  /** Since the soak began, s. */
  get atSecs(): number {
    return (performance.now() - this.#beganMs) / 1000;
  }

  /** Enters one fault; `tookMs` is `NaN` where it broke off. */
  enter(tallies: Map<string, Tally>, name: string, tookMs: number, code?: number): Tally {
    const tally = tallies.get(name) ?? { tookMs: [], codes: new Set(), broken: 0 };
    tallies.set(name, tally);
    if (!Number.isNaN(tookMs)) tally.tookMs.push(tookMs);
    if (code !== undefined) tally.codes.add(code);
    return tally;
  }

  /** Notes something that did not hold, and prints it with the log's last lines. */
  note(where: string, text: string, log: string): void {
    this.broken.push(`${where}: ${text}`);
    const lines = log.trimEnd().split("\n").slice(-SHOWN_LINES);
    console.error(
      `BROKEN (seed ${this.seed}, ${this.atSecs.toFixed(0)} s) ${where}: ${text}\n` +
        lines.map((line) => `    ${line.slice(0, 400)}`).join("\n"),
    );
  }
}
