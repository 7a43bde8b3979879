/** Measures a scenario: every contender in turn, round by round, so that a change of the machine hits all. */
import type { Contender } from "./contender.ts";
import type { Reading, Result, Row } from "./results.ts";
import type { Bench, Scenario } from "./scenario.ts";

/** How much is measured. */
export interface Extent {
  readonly rounds: number;
  /** No round begins once a scenario has taken so long, ms. */
  readonly mostMs: number;
}

interface Entry {
  readonly contender: Contender;
  readonly rounds: Record<string, Reading>[];
  cannot?: string;
}

/** The first line of an error; the run's output, which follows it, goes to the console. */
function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  console.error(text);
  return text.split("\n", 1)[0]!;
}

/** One round of one contender: what goes wrong is its own, and ends its rounds. */
async function measureOnce(scenario: Scenario, entry: Entry, bench: Bench): Promise<void> {
  if (entry.cannot !== undefined) return;
  // What never came in the first round is not waited for in the others.
  if (Object.values(entry.rounds[0] ?? {}).some(({ value }) => value === null)) return;
  try {
    entry.rounds.push({ ...await scenario.measure(entry.contender, bench) });
  } catch (error) {
    entry.cannot = describe(error);
  }
}

/**
 * Measures a scenario.
 *
 * @param scenario What.
 * @param contenders Who is here.
 * @param bench The bench.
 * @param extent How much.
 * @returns A row for each contender that takes part, in the same order.
 */
export async function measureScenario(
  scenario: Scenario,
  contenders: readonly Contender[],
  bench: Bench,
  { rounds, mostMs }: Extent,
): Promise<Result> {
  const { name, title, text, measures, kinds = ["supervisor"] } = scenario;
  const entries = contenders.filter(({ kind }) => kinds.includes(kind))
    .map((contender): Entry => ({ contender, rounds: [] }));
  const beganMs = performance.now();
  for (let round = 0; round < Math.min(rounds, scenario.mostRounds); round++) {
    if (round > 0 && performance.now() - beganMs > mostMs) break;
    if (scenario.isTogether) {
      await Promise.all(entries.map((entry) => measureOnce(scenario, entry, bench)));
    } else {
      for (const entry of entries) await measureOnce(scenario, entry, bench);
    }
  }
  return {
    ...{ name, title, text, measures },
    date: new Date().toISOString().slice(0, 10),
    rows: entries.map(({ contender, rounds, cannot }): Row => ({
      contender: contender.name,
      version: contender.version,
      isOurs: contender.isOurs === true,
      rounds,
      ...cannot === undefined ? {} : { cannot },
    })),
  };
}
