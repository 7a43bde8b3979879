/**
 * The fault table: what each fault does to a supervised engine with three workers, in a process namespace.
 *
 * Run: `deno run -A bench/faults.ts [--runs 20] [--only NAME] [--supervisord PATH]`. Needs root and
 * namespaces. Every other run has the program as PID 1, every other under an init that reaps nothing but
 * the program and then counts what is left. Exits with 1 where anything is not as expected.
 *
 * The rows are objects in the files of `bench/faults/`: to add one, add its object.
 */
import { parseArgs } from "@std/cli/parse-args";
import { chooseSupervisord, type InstalledSupervisord } from "../tests/support/supervisords.ts";
import { type Result, runScenario } from "./faults/run_scenario.ts";
import type { Scenario } from "./faults/scenario.ts";
import { SCENARIOS } from "./faults/scenarios.ts";
import { renderHead, renderRow } from "./faults/table.ts";

/** Runs a scenario as often as asked, as many at once as it says. */
async function repeat(
  scenario: Scenario,
  supervisord: InstalledSupervisord,
  runs: number,
): Promise<Result[]> {
  // The first run is the one that tells more: where all ends with PID 1, the one under an init.
  const [even, odd] = scenario.expects.kind === "exits"
    ? ["under an init", "as PID 1"] as const
    : ["as PID 1", "under an init"] as const;
  const results: Result[] = [];
  let next = 0;
  const work = async () => {
    while (next < runs) {
      const surroundings = next++ % 2 === 0 ? even : odd;
      results.push(await runScenario(scenario, supervisord, surroundings));
    }
  };
  await Promise.all(Array.from({ length: scenario.parallel ?? 2 }, work));
  return results;
}

async function main(args: string[]): Promise<number> {
  const options = parseArgs(args, { string: ["runs", "only", "supervisord"] });
  const runs = Number(options.runs ?? 20);
  const supervisord = chooseSupervisord(options.supervisord);
  console.log(renderHead(supervisord.version));
  const deviations: string[] = [];
  for (const scenario of SCENARIOS.filter(({ name }) => name.includes(options.only ?? ""))) {
    const results = await repeat(scenario, supervisord, runs);
    console.log(renderRow(scenario, results));
    for (const result of results) {
      for (const text of result.deviations) deviations.push(`${scenario.name}: ${text}`);
    }
  }
  for (const text of deviations) console.error(`\n=== ${text}`);
  console.log(
    deviations.length === 0 ? "\nAll as expected." : `\n${deviations.length} deviations.`,
  );
  return deviations.length === 0 ? 0 : 1;
}

Deno.exit(await main(Deno.args));
