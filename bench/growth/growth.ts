/** A cost over a quantity that grows. */
import type { Contender } from "../peers/contender.ts";
import type { Bench } from "../peers/scenario.ts";

/** What growing costs are measured with. */
export interface GrowthBench extends Bench {
  /** Ours, by `deno run`. */
  readonly ours: Contender;
  /** supervisord alone. */
  readonly plain: Contender;
}

/** What grows, and what is read off. */
export interface Growth {
  /** What `--only` calls it. */
  readonly name: string;
  readonly title: string;
  /** What is measured and how. */
  readonly text: string;
  /** What grows. */
  readonly xTitle: string;
  /** The cost, with its unit. */
  readonly yTitle: string;
  readonly curves: readonly string[];
  readonly sizes: readonly number[];
  /** @returns A value for each of {@linkcode Growth.curves}. */
  readonly measure: (size: number, bench: GrowthBench) => Promise<readonly number[]>;
}
