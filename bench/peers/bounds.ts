/** What the numbers must show. No effects. */
import { ORIGINAL } from "./side_by_side.ts";
import { type Result, type Row, summarize } from "./results.ts";

/** How much later than the floor our engine may run, ms. */
const OVER_FLOOR_MS = 60;

/** One claim, and whether it holds. */
export interface Verdict {
  readonly claim: string;
  readonly holds: boolean;
}

function findMedian(row: Row | undefined, key: string): number {
  return (row && summarize(row, key)?.median) ?? NaN;
}

/** Starts against the floor: supervisord, woken, and a bare Deno that has to be there before it. */
function judgeStart({ rows }: Result): Verdict[] {
  const floors = rows.filter(({ contender }) => contender.startsWith("floor"));
  const floor = floors.reduce((total, row) => total + findMedian(row, "first"), 0);
  return rows.filter(({ isOurs }) => isOurs).map((row) => {
    const median = findMedian(row, "first");
    return {
      claim: `start, ${row.contender}: ${median.toFixed(0)} ms, within ${OVER_FLOOR_MS} ms of ` +
        `the floor of ${floor.toFixed(0)} ms`,
      holds: median <= floor + OVER_FLOOR_MS,
    };
  });
}

/** Ours against one row, in every measure of a scenario. */
function judgeAgainst({ title, rows, measures }: Result, other: Row): Verdict[] {
  return rows.filter(({ isOurs }) => isOurs).flatMap((ours) =>
    measures.flatMap(({ key, title: measure, better }) => {
      const [own, theirs] = [findMedian(ours, key), findMedian(other, key)];
      if (Number.isNaN(own) || Number.isNaN(theirs)) return [];
      const holds = better === "less" ? own <= theirs : own >= theirs;
      const numbers = `${own.toFixed(2)} against ${theirs.toFixed(2)}`;
      const claim =
        `${title}, ${measure}: ${ours.contender} ahead of ${other.contender}, ${numbers}`;
      return [{ claim, holds }];
    })
  );
}

/** Where the original need not be slower. A drain or pacing is no race. */
const NO_RACE = ["memory", "drain", "pacing"];

/**
 * Judges all results by what they must show: ahead of every contender that sweeps at restart, or gives up at all, there;
 * ahead of the Python original everywhere but in memory; a start near the floor.
 *
 * @param results What was measured.
 * @returns The claims that can be judged by it.
 */
export function judge(results: readonly Result[]): Verdict[] {
  const find = (name: string) => results.find((result) => result.name === name);
  const [start, sweep, giveUp] = [find("start"), find("sweep"), find("give_up")];
  const others = (result: Result) => result.rows.filter(({ isOurs }) => !isOurs);
  return [
    ...start === undefined ? [] : judgeStart(start),
    ...sweep === undefined ? [] : others(sweep)
      .filter((row) => summarize(row, "left")?.highest === 0)
      .flatMap((row) => judgeAgainst(sweep, row)),
    ...giveUp === undefined ? [] : others(giveUp)
      .filter((row) => findMedian(row, "end") < Infinity)
      .flatMap((row) => judgeAgainst(giveUp, row)),
    ...results.filter(({ name }) => !NO_RACE.includes(name)).flatMap((result) =>
      others(result).filter(({ contender }) => contender === ORIGINAL)
        .flatMap((row) => judgeAgainst(result, row))
    ),
  ];
}
