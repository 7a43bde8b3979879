/**
 * How long `--health` and `--ready` take as a compiled executable, beside a `--version` of the same, which
 * asks nobody: `deno run -A bench/status_probe.ts --program PATH [--runs 20] [--limit-ms 100]`.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { sleeper } from "../tests/support/engines.ts";
import { Run } from "../tests/support/run.ts";
import { chooseSupervisord } from "../tests/support/supervisords.ts";
import { waitForState } from "../tests/support/status.ts";

const options = parseArgs(Deno.args, {
  string: ["program", "runs", "limit-ms", "supervisord"],
});
const { program, runs = "20", "limit-ms": limitMs = "100" } = options;
if (program === undefined) throw new Error("Cannot do without --program PATH");

const WAYS = ["--health", "--ready", "--version"] as const;

async function measure(way: string, tmp: string): Promise<number> {
  const beganMs = performance.now();
  const { code } = await new Deno.Command(program!, {
    args: [way],
    env: { TMPDIR: tmp },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  if (code !== 0) throw new Error(`${way} ended with ${code}`);
  return performance.now() - beganMs;
}

const times = new Map<string, number[]>(WAYS.map((way) => [way, []]));
{
  await using run = new Run({
    supervisord: chooseSupervisord(options.supervisord),
    args: sleeper,
  });
  await waitForState(run, "running");
  await measure("--health", run.path("tmp")); // The first one reads the executable from the disk.
  // In turn, so that what else goes on here meets all of them alike.
  for (let count = 0; count < Number(runs); count++) {
    for (const way of WAYS) times.get(way)?.push(await measure(way, run.path("tmp")));
  }
}

console.log("| option | median ms | least ms | most ms |\n| --- | ---: | ---: | ---: |");
let isSlow = false;
for (const [way, all] of times) {
  const sorted = all.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? 0;
  isSlow ||= way !== "--version" && median > Number(limitMs);
  const row = [median, sorted[0] ?? 0, sorted.at(-1) ?? 0].map((ms) => ms.toFixed(0));
  console.log(`| ${way} | ${row.join(" | ")} |`);
}
if (isSlow) {
  console.error(`slower than ${limitMs} ms`);
  Deno.exit(1);
}
