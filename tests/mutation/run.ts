/**
 * Makes one mistake after another in a copy of the code and looks whether a test notices.
 *
 * Run: `deno run -A tests/mutation/run.ts [--only TEXT] [--jobs NUMBER]`. The last line is
 * `N of M mutants were killed, S skipped`; one that survives, is stale or does not type-check makes the exit
 * code 1. Process tests run as root in a process namespace of their own, since a mutant may kill whom it likes.
 *
 * @module
 */
import { printTable } from "../../bench/report.ts";
import { errorText } from "../../src/log/error_text.ts";
import { AS_PID_1, PID_NAMESPACE_PROBLEM } from "../support/isolation.ts";
import { ROOT } from "../support/run.ts";
import { applyMutant, type Mutant, type MutantTest } from "./mutant.ts";
import { ENGINE_MUTANTS } from "./mutants/engines.ts";
import { POLICY_MUTANTS } from "./mutants/policy.ts";
import { PROCESS_MUTANTS } from "./mutants/processes.ts";
import { copyCode, importMap, runDeno } from "./scratch.ts";

/** A mutant may loop indefinitely; the slowest test here takes 20 s, ms. */
const LIMIT_MS = 90_000;

type Verdict = "killed" | "hung" | "survived" | "broken";

const isProcessTest = ({ files }: MutantTest) => files.some((file) => file.startsWith("tests/"));

/** Runs tests in a copy of the code. */
async function runTests(copy: string, test: MutantTest): Promise<Verdict> {
  const isOfProcesses = isProcessTest(test);
  const { code, text, isLate } = await runDeno(copy, [
    ...["test", "--no-check", "--quiet", ...importMap(copy), ...isOfProcesses ? ["-A"] : []],
    ...test.filter === undefined ? [] : ["--filter", test.filter],
    ...test.files,
  ], { limitMs: LIMIT_MS, wrapper: isOfProcesses ? AS_PID_1 : [] });
  if (isLate) return "hung";
  const [, passed, failed] = /\| (\d+) passed.*\| (\d+) failed/.exec(text) ?? [];
  if (code === 0 && Number(passed) > 0) return "survived";
  if (Number(failed) > 0 && !text.includes("(uncaught error)")) return "killed";
  console.error(text);
  return "broken";
}

/** Every mutant beside its original, all checked at once: one that does not compile proves nothing. */
async function checkTypes(copy: string, mutants: readonly Mutant[]): Promise<boolean> {
  const paths = mutants.map((mutant, number) => {
    const source = Deno.readTextFileSync(`${copy}/${mutant.file}`);
    const path = `${copy}/${mutant.file.replace(/\.ts$/, `.mutant${number}.ts`)}`;
    Deno.writeTextFileSync(path, applyMutant(mutant, source));
    return path;
  });
  const { code, text } = await runDeno(copy, ["check", "--quiet", ...importMap(copy), ...paths]);
  for (const path of paths) Deno.removeSync(path);
  if (code === 0) return true;
  console.error(text.replaceAll(/\.mutant(\d+)\.ts/g, (_, at) => `.ts, "${mutants[at]?.mistake}"`));
  return false;
}

/** Why a mutant cannot be made: the code has changed. */
function findStaleness(mutant: Mutant): string[] {
  try {
    applyMutant(mutant, Deno.readTextFileSync(`${ROOT}/${mutant.file}`));
    return [];
  } catch (error) {
    return [errorText(error)];
  }
}

/** Runs jobs, one in each copy at a time. */
async function inCopies<T>(
  copies: readonly string[],
  jobs: readonly T[],
  run: (copy: string, job: T) => Promise<void>,
): Promise<void> {
  const queue = [...jobs];
  await Promise.all(copies.map(async (copy) => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) await run(copy, job);
  }));
}

async function judge(copies: readonly string[], mutants: readonly Mutant[]) {
  const verdicts = new Map<Mutant, Verdict>();
  await inCopies(copies, mutants, async (copy, mutant) => {
    const path = `${copy}/${mutant.file}`;
    const source = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, applyMutant(mutant, source));
    const verdict = await runTests(copy, mutant.test);
    Deno.writeTextFileSync(path, source);
    verdicts.set(mutant, verdict);
    if (verdict !== "killed") console.error(`${verdict}: ${mutant.file} ${mutant.mistake}`);
  });
  return verdicts;
}

async function main(args: readonly string[]): Promise<number> {
  const read = (name: string) => args.includes(name) ? args[args.indexOf(name) + 1] : undefined;
  const only = read("--only") ?? "";
  const all = [...POLICY_MUTANTS, ...ENGINE_MUTANTS, ...PROCESS_MUTANTS]
    .filter(({ file, mistake }) => `${file} ${mistake}`.includes(only));
  const stale = all.flatMap(findStaleness);
  for (const text of stale) console.error(text);
  if (stale.length > 0) return 1;
  const mutants = PID_NAMESPACE_PROBLEM === undefined
    ? all
    : all.filter(({ test }) => !isProcessTest(test));
  const skipped = all.length - mutants.length;
  if (skipped > 0) console.log(`Skipped ${skipped} of process tests: ${PID_NAMESPACE_PROBLEM}`);
  const scratch = Deno.makeTempDirSync({ prefix: "mutation-" });
  try {
    const jobs = Number(read("--jobs") ?? navigator.hardwareConcurrency);
    const copies = Array.from({ length: jobs }, (_, number) => copyCode(`${scratch}/${number}`));
    if (!await checkTypes(copies[0]!, mutants)) return 1;
    // Unless they pass without a mistake, that they fail with one proves nothing.
    const tests = [...new Map(mutants.map(({ test }) => [JSON.stringify(test), test])).values()];
    let isSound = true;
    await inCopies(copies, tests, async (copy, test) => {
      if (await runTests(copy, test) === "survived") return;
      console.error(`Without a mistake, ${test.files} ${test.filter ?? ""} does not pass`);
      isSound = false;
    });
    if (!isSound) return 1;
    const verdicts = await judge(copies, mutants);
    const isDead = (mutant: Mutant) => /killed|hung/.test(verdicts.get(mutant) ?? "");
    const rooms = Map.groupBy(mutants, ({ file }) => file.split("/").slice(0, 2).join("/"));
    printTable([
      ["room", "mutants", "killed"],
      ...[...rooms].map(([room, of]) => [room, of.length, of.filter(isDead).length]),
    ]);
    const killed = mutants.filter(isDead).length;
    console.log(`${killed} of ${mutants.length} mutants were killed, ${skipped} skipped`);
    return killed === mutants.length && killed > 0 ? 0 : 1;
  } finally {
    Deno.removeSync(scratch, { recursive: true });
  }
}

Deno.exit(await main(Deno.args));
