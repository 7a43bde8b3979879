/**
 * What a start costs: the command to the engine's first instruction, `--version`, and the memory of a program that
 * waits, of several ways to run it, round by round in one run. Median, lowest.
 *
 *     deno run -A bench/start.ts [--rounds 20] [NAME=COMMAND …]
 *
 * A COMMAND is split at blanks and runs the program with the words that follow it. By default: this checkout by
 * `deno run`, and `dist/standard-supervisor` where scripts/build.sh has made it.
 */
import { sleeper, waitForStart } from "../tests/support/engines.ts";
import { readOrEmpty } from "../tests/support/files.ts";
import { BUILT_PROBLEM, BUILT_PROGRAM } from "../tests/support/program.ts";
import { makeDenoCommand, Run } from "../tests/support/run.ts";
import { chooseSupervisord } from "../tests/support/supervisords.ts";
import { median, printTable, readOption } from "./report.ts";

/** One way to run the program. */
interface Way {
  readonly name: string;
  readonly command: readonly string[];
}

/** What one round measured. */
interface Round {
  /** The command to the engine's first instruction, ms. */
  readonly first: number;
  /** `--version` from its command to its end, ms. */
  readonly version: number;
  /** The memory of the program alone while the engine runs, MB. */
  readonly memory: number;
}

const supervisord = chooseSupervisord();

function readWays(args: readonly string[]): Way[] {
  const named = args.filter((arg) => /^[^-=][^=]*=/.test(arg)).map((arg) => {
    const at = arg.indexOf("=");
    return { name: arg.slice(0, at), command: arg.slice(at + 1).split(" ") };
  });
  if (named.length > 0) return named;
  return [
    { name: "deno run cli.ts", command: makeDenoCommand([]) },
    ...BUILT_PROBLEM === undefined ? [{ name: "the executable", command: [BUILT_PROGRAM] }] : [],
  ];
}

async function measure({ command }: Way): Promise<Round> {
  await using asked = new Run({ args: [], command: () => [...command, "--version"] });
  const end = await asked.waitForEnd();
  if (end.code !== 0) throw new Error(asked.describe("--version failed"));
  await using run = new Run({
    supervisord,
    args: [],
    command: (directory) => [...command, ...sleeper(directory)],
  });
  const { atMs } = await waitForStart(run);
  const pages = /^Pss:\s+(\d+) kB$/m.exec(readOrEmpty(`/proc/${run.pid}/smaps_rollup`))?.[1];
  run.signal("SIGTERM");
  await run.waitForEnd();
  return {
    first: atMs - run.spawnedMs,
    version: end.atMs - asked.spawnedMs,
    memory: Number(pages) / 1000,
  };
}

async function main(args: readonly string[]): Promise<void> {
  const rounds = readOption(args, "rounds", 20);
  const ways = readWays(args);
  const results = ways.map((): Round[] => []);
  for (const way of ways) await measure(way); // fills the caches
  for (let round = 0; round < rounds; round++) {
    for (const [index, way] of ways.entries()) results[index]?.push(await measure(way));
  }
  console.log(`supervisord ${supervisord.version}, ${rounds} rounds`);
  const names = ["first", "version", "memory"] as const;
  printTable([
    ["", ...names.flatMap((name) => [name, ""])],
    ["", ...names.flatMap(() => ["median", "lowest"])],
    ...ways.map(({ name }, index) => [
      name,
      ...names.flatMap((measure) => {
        const values = (results[index] ?? []).map((round) => round[measure]);
        return [median(values), Math.min(...values)];
      }),
    ]),
  ]);
  console.log("first: the command to the engine's first instruction, ms; version: --version, ms;");
  console.log("memory: the program alone while the engine runs, its share of what is shared, MB");
}

if (import.meta.main) await main(Deno.args);
