/**
 * Where the time goes between the command and the engine's first instruction, as the kernel saw it: the
 * first system call of each step, by strace(1), which makes the whole some ms longer.
 *
 *     deno run -A bench/start_profile.ts [--rounds 20]
 */
import { sleeper, waitForStart } from "../tests/support/engines.ts";
import { signalProcess } from "../tests/support/processes.ts";
import { Run } from "../tests/support/run.ts";
import { chooseSupervisord } from "../tests/support/supervisords.ts";
import { median, printTable, readOption } from "./report.ts";

/** The first system call that begins a step, and what the step is. */
const STEPS: readonly (readonly [RegExp, string])[] = [
  [/ execve\("/, "deno's own start"],
  [/ openat\(.*\/cli\.ts"/, "deno reads the modules, those that are loaded later too"],
  [/ openat\(.*\/cli\.ts\.js"/, "our modules are loaded; the environment is read and checked"],
  [
    / execve\("\/bin\/sh", \["\/bin\/sh", "-c", "\\ntrap '' HUP INT QUIT/,
    "the run's files are written",
  ],
  [/ execve\(.*"-n", "-c"/, "Python's own start"],
  [
    / openat\(.*\/supervisor\/__pycache__\/__init__/,
    "supervisord's imports, while ours are loaded",
  ],
  [
    / openat\(.*\/standard-supervisor-\w+\/supervisord\.conf", O_RDONLY/,
    "supervisord reads its configuration",
  ],
  [/ bind\(.*supervisor\.sock/, "it is asked, and orders the engine's start"],
  [
    / execve\("\/bin\/sh", \["\/bin\/sh", "-c", "(?:unset|\[)/,
    "a shell opens the engine's streams",
  ],
  [/ execve\("[^"]*\/records_start\.sh"/, "the engine"],
];

const supervisord = chooseSupervisord();

/** @returns When each step began, ms from the first; `undefined` for what was not seen. */
function readTrace(text: string): (number | undefined)[] {
  const begins: (number | undefined)[] = STEPS.map(() => undefined);
  let next = 0;
  let firstSecs: number | undefined;
  for (const line of text.split("\n")) {
    const secs = Number(/^\d+\s+(\d+\.\d+) /.exec(line)?.[1]);
    const step = STEPS[next];
    if (step === undefined || !step[0].test(line) || / = -1 /.test(line)) continue;
    firstSecs ??= secs;
    begins[next++] = (secs - firstSecs) * 1000;
  }
  return begins;
}

async function trace(): Promise<number[]> {
  await using run = new Run({
    supervisord,
    args: sleeper,
    wrapper: (directory) => [
      ...["strace", "-f", "--seccomp-bpf", "-ttt", "-s", "200", "-o", `${directory}/trace`],
      ...["-e", "trace=execve,openat,bind"],
    ],
  });
  await waitForStart(run);
  signalProcess(run.findProgram() ?? 0, "SIGTERM"); // strace takes none.
  await run.waitForEnd();
  return readTrace(run.read("trace")).map((ms, index) => {
    if (ms === undefined) throw new Error(`strace did not see: ${STEPS[index]![1]}`);
    return ms;
  });
}

async function measureUntraced(): Promise<number> {
  await using run = new Run({ supervisord, args: sleeper });
  const { atMs } = await waitForStart(run);
  run.signal("SIGTERM");
  await run.waitForEnd();
  return atMs - run.spawnedMs;
}

async function main(args: readonly string[]): Promise<number> {
  const rounds = readOption(args, "rounds", 20);
  const traces: number[][] = [];
  const untraced: number[] = [];
  for (let round = 0; round < rounds; round++) {
    traces.push(await trace());
    untraced.push(await measureUntraced());
  }
  const rows = STEPS.slice(0, -1).map(([, name], index) => [
    name,
    median(traces.map((begins) => begins[index]!)),
    median(traces.map((begins) => begins[index + 1]! - begins[index]!)),
  ]);
  const whole = median(traces.map((begins) => begins.at(-1)!));
  console.log(`supervisord ${supervisord.version}, ${rounds} rounds, medians, ms`);
  printTable([["step", "begins", "takes"], ...rows, ["the engine's first instruction", whole, ""]]);
  console.log(`Without strace: ${median(untraced).toFixed(0)} ms`);
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
