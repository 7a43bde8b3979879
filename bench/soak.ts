/**
 * A soak: one instance lives through faults at random, others beside it come to their ends, and what must
 * hold is looked at after each: the engine serves again, nothing is left, the record says what happened,
 * exit codes are right, and memory and descriptors do not grow.
 *
 *     deno run -A bench/soak.ts [--hours 1 | --minutes 2] [--seed N] [--supervisord PATH] [--write FILE]
 *
 * Needs root and namespaces, and two cores. The seed decides the order of the faults; it is printed.
 * Exits with 1 where anything did not hold.
 */
import { parseArgs } from "@std/cli/parse-args";
import { settleAll } from "../tests/support/processes.ts";
import { TEST_PROGRAM } from "../tests/support/program.ts";
import { chooseSeed, makeRandom } from "../tests/support/random.ts";
import { chooseSupervisord } from "../tests/support/supervisords.ts";
import { Journal } from "./soak/journal.ts";
import { liveLong } from "./soak/long_lived.ts";
import { findTrends } from "./soak/samples.ts";
import { liveShortly } from "./soak/short_lived.ts";
import { renderTables } from "./soak/table.ts";

const INTRODUCTION = `# The soak

One instance of standard-supervisor, as PID 1 of a container's namespaces, lives through faults in
random order for an hour, on two cores: its engine, which has five workers (a daemon, one that has
overwritten its environment) and shared memory, is killed, hangs, exits with any code, floods its
output; supervisord and standard-supervisor itself are frozen; TMPDIR is full; both cores are busy.
Beside it others come to their ends one after the other. After each fault the engine must serve
again, nothing may be left, and the record must say what happened. \`bench/soak.ts\` wrote this page.

`;

async function main(args: string[]): Promise<number> {
  const options = parseArgs(args, {
    string: ["hours", "minutes", "seed", "supervisord", "write"],
  });
  const secs = Number(options.minutes ?? 60 * Number(options.hours ?? 1)) * 60;
  const seed = Number(options.seed ?? chooseSeed());
  const supervisord = chooseSupervisord(options.supervisord);
  const journal = new Journal(seed);
  console.error(`seed ${seed}: ${secs} s`);
  try {
    await settleAll([
      liveLong(supervisord, makeRandom(seed), secs, journal),
      liveShortly(supervisord, makeRandom(seed + 1), secs, journal),
    ]);
  } catch (error) {
    journal.note("the soak", error instanceof Error ? error.message : String(error), "");
  }
  for (const { measure, first, last, slope, grows } of findTrends(journal.samples)) {
    if (grows) {
      const text = `${measure} grows: ${first} became ${last}, ${slope.toFixed(1)} an hour`;
      journal.note("the whole", text, "");
    }
  }
  const count = [...journal.faults.values()].reduce((sum, { tookMs }) => sum + tookMs.length, 0);
  const head = `${new Date().toISOString().slice(0, 10)}, \`bench/soak.ts\`, seed ${seed}: ` +
    `${
      (journal.atSecs / 60).toFixed(0)
    } minutes, ${count} faults, ${journal.broken.length} broken; ` +
    `${TEST_PROGRAM === undefined ? "by deno run" : "as executable"}, ` +
    `supervisord ${supervisord.version}, Deno ${Deno.version.deno}, ` +
    `${navigator.hardwareConcurrency} cores`;
  const tables = `${head}\n\n${renderTables(journal)}\n`;
  console.log(tables);
  if (options.write !== undefined) Deno.writeTextFileSync(options.write, INTRODUCTION + tables);
  return journal.broken.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
