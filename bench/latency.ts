/**
 * How long until the engine's first instruction, its restart after SIGKILL, and the end after SIGTERM:
 * ours, plain supervisord, the Python original (`ORIGINAL_SUPERVISOR`), round by round in one run.
 *
 *     deno run -A bench/latency.ts [--rounds 20]
 */
import { readSupervisords } from "../tests/support/supervisords.ts";
import { type Contestant, readContestants } from "./contestants.ts";
import { measureOneCrash } from "./one_crash.ts";
import { Bounds, median, printTable, readOption } from "./report.ts";

const MEASURES = ["first", "restart", "stop"] as const;
type Measure = (typeof MEASURES)[number];
type Round = Record<Measure, number>;

/** Must show 2 and 3, ms. */
const BOUNDS: Round = { first: 250, restart: 100, stop: 200 };

const TITLES: Record<Measure, string> = {
  first: "the command to the engine's first instruction",
  restart: "SIGKILL to the next engine's first instruction",
  stop: "SIGTERM to exit",
};

async function main(args: readonly string[]): Promise<number> {
  const rounds = readOption(args, "rounds", 20);
  const bounds = new Bounds();
  for (const supervisord of readSupervisords()) {
    const contestants = readContestants(supervisord);
    const results = new Map<Contestant, Round[]>(contestants.map((one) => [one, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [contestant, measured] of results) {
        measured.push(await measureOneCrash(contestant));
      }
    }
    console.log(`\nsupervisord ${supervisord.version}, ${rounds} rounds, ms`);
    const rows = contestants.map((contestant) => {
      const measured = results.get(contestant) ?? [];
      return [
        contestant.name,
        ...MEASURES.flatMap((name) => {
          const values = measured.map((round) => round[name]);
          return [median(values), Math.max(...values)];
        }),
      ];
    });
    printTable([
      ["", ...MEASURES.flatMap((name) => [name, ""])],
      ["", ...MEASURES.flatMap(() => ["median", "max"])],
      ...rows,
    ]);
    for (const contestant of contestants.filter(({ isOurs }) => isOurs)) {
      for (const name of MEASURES) {
        const value = median((results.get(contestant) ?? []).map((round) => round[name]));
        bounds.expect(
          `${TITLES[name]}: ${value.toFixed(1)} ms, not within ${BOUNDS[name]} ms`,
          value <= BOUNDS[name],
        );
      }
    }
  }
  for (const name of MEASURES) console.log(`${name}: ${TITLES[name]}`);
  return bounds.report();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
