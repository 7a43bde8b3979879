/**
 * The fault table: what each fault does to a supervised engine with three workers, in a process namespace.
 *
 * Run: `deno run -A bench/faults.ts [--runs 20] [--only NAME] [--supervisord PATH]`. Needs root and
 * namespaces. Every other run has the program as PID 1, every other under an init that reaps nothing but
 * the program and then counts what is left. Exits with 1 where anything is not as expected.
 */
import { parseArgs } from "@std/cli/parse-args";
import { readWait } from "../src/processes/wait_channel.ts";
import { type EngineEvent, readEvents, waitForEvent } from "../tests/support/engines.ts";
import { AS_PID_1 } from "../tests/support/isolation.ts";
import {
  askEngine,
  findFreePort,
  type InitReport,
  readTree,
  type TreeProcess,
  underInit,
  waitUntil,
} from "../tests/support/namespace.ts";
import { signalProcess, wallMs } from "../tests/support/processes.ts";
import { FIXTURES, Run } from "../tests/support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../tests/support/supervisords.ts";
import { errorText } from "../src/log/error_text.ts";

const PYTHON = "/usr/bin/python3";
const WORKERS = 3;

/** A zombie may be this old, ms. */
const ZOMBIE_MS = 1_000;

/** Until nothing is left but what belongs there, ms. */
const SETTLE_MS = 3_000;

/** One run while its fault is inflicted. */
interface Scene {
  readonly run: Run;
  readonly port: number;
  /** The program, as this process sees it. */
  readonly program: number;
  readonly supervisord: number;
  /** The first engine. */
  readonly engine: TreeProcess;
  readonly workers: readonly TreeProcess[];
  readonly order: (path: string) => Promise<void>;
  /** The run's private directory. */
  readonly runDirectory: () => string;
}

interface Fault {
  readonly name: string;
  /** Whether the engine is to serve again, or still, after it. */
  readonly survives: boolean;
  /** Expected exit code; after a survived fault the one after SIGTERM. */
  readonly code: number;
  /** The longest time to recovery or exit, ms, generous for a noisy machine. */
  readonly withinMs: number;
  /** How many runs at once. */
  readonly parallel?: number;
  readonly engineArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The first engine's process lives on. */
  readonly keepsEngine?: boolean;
  /** Which event of the first engine to wait for; `spawn`: that supervisord was spawned. */
  readonly after?: "spawn" | "start" | "workers" | "loaded" | "death";
  /** Runs the engine through something, given the run's directory. */
  readonly through?: (directory: string) => string[];
  /** Runs all through something. */
  readonly wrapper?: (directory: string) => string[];
  /** How long the init lets what is left live, s. */
  readonly patienceSecs?: number;
  /** It ends PID 1 by SIGKILL: nobody is left to remove files, and unshare(1) cannot pass that on. */
  readonly killsPid1?: boolean;
  readonly inflict: (scene: Scene) => Promise<void> | void;
  /** Waits for what the fault is to lead to where no new engine is. Its end is the recovery. */
  readonly settle?: (scene: Scene) => Promise<void>;
}

const kill = (pid: number, signal: Deno.Signal) => {
  if (!signalProcess(pid, signal)) throw new Error(`${pid} is not there to get ${signal}`);
};

function probed(extra: Record<string, string> = {}): Record<string, string> {
  return {
    PROCESS_HEALTH_PERIOD_SECS: "1",
    PROCESS_HEALTH_TIMEOUT_SECS: "1",
    PROCESS_HEALTH_FAILURE_THRESHOLD: "2",
    SUPERVISOR_PROGRAM_STOPWAITSECS: "2",
    PROCESS_HEALTH_URL: "http://127.0.0.1:PORT/health",
    ...extra,
  };
}

/** stdout is a pipe: whose reader never reads, or is gone. */
function onPipe(reader: "stalls" | "gone"): string[] {
  const keep = reader === "stalls" ? "os.set_inheritable(r, True)" : "os.close(r)";
  return [
    PYTHON,
    "-S",
    "-I",
    "-c",
    `import os, sys\nr, w = os.pipe()\nos.dup2(w, 1)\n${keep}\nos.execvp(sys.argv[1], sys.argv[1:])`,
  ];
}

const HANG_ONCE = `[ -e "$0" ] && exec "$@"; : >"$0"; exec "$@" --hang-while-loading`;

const SERVING_AGAIN = 3_000;

const FAULTS: readonly Fault[] = [
  {
    name: "SIGKILL engine",
    survives: true,
    code: 0,
    withinMs: SERVING_AGAIN,
    inflict: ({ engine }) => kill(engine.pid, "SIGKILL"),
  },
  {
    name: "SIGKILL a worker",
    survives: true,
    code: 0,
    withinMs: SERVING_AGAIN,
    inflict: ({ workers }) => kill(workers[0]!.pid, "SIGKILL"),
  },
  {
    name: "SIGSEGV",
    survives: true,
    code: 0,
    withinMs: SERVING_AGAIN,
    inflict: ({ order }) => order("/control/signal?name=SEGV"),
  },
  {
    name: "exit 0 unasked, workers left",
    survives: true,
    code: 0,
    withinMs: SERVING_AGAIN,
    engineArgs: ["--leave-workers"],
    inflict: ({ order }) => order("/control/crash?exit=0"),
  },
  {
    name: "hang while loading",
    survives: true,
    code: 0,
    withinMs: 10_000,
    parallel: 8,
    after: "workers",
    env: probed({ PROCESS_STARTUP_TIMEOUT_SECS: "2" }),
    through: (directory) => ["/bin/sh", "-c", HANG_ONCE, `${directory}/hung`],
    inflict: () => {},
  },
  {
    name: "hang while serving",
    survives: true,
    code: 0,
    withinMs: 12_000,
    parallel: 8,
    env: probed(),
    inflict: ({ order }) => order("/control/hang"),
  },
  {
    name: "SIGSTOP engine",
    survives: true,
    code: 0,
    withinMs: 15_000,
    parallel: 8,
    env: probed(),
    inflict: ({ engine }) => kill(engine.pid, "SIGSTOP"),
  },
  {
    name: "fork bomb of 200 short children",
    survives: true,
    code: 0,
    withinMs: 5_000,
    keepsEngine: true,
    inflict: ({ order }) => order("/control/fork?count=200"),
    settle: ({ run }) => waitUntil(run, () => readTree(run.pid).length > 30, "the children"),
  },
  {
    name: "SIGKILL supervisord",
    survives: false,
    code: 125,
    withinMs: 2_000,
    inflict: ({ supervisord }) => kill(supervisord, "SIGKILL"),
  },
  {
    name: "SIGSTOP supervisord",
    survives: false,
    code: 125,
    withinMs: 45_000,
    parallel: 20,
    inflict: ({ supervisord }) => kill(supervisord, "SIGSTOP"),
  },
  {
    name: "SIGSTOP supervisord, then SIGTERM",
    survives: false,
    code: 0,
    withinMs: 8_000,
    parallel: 4,
    inflict: ({ supervisord, program }) => {
      kill(supervisord, "SIGSTOP");
      kill(program, "SIGTERM");
    },
  },
  {
    name: "delete socket, SIGKILL engine",
    survives: true,
    code: 0,
    withinMs: SERVING_AGAIN,
    inflict: ({ runDirectory, engine }) => {
      Deno.removeSync(`${runDirectory()}/supervisor.sock`);
      kill(engine.pid, "SIGKILL");
    },
  },
  {
    name: "delete run directory, SIGKILL engine",
    survives: true,
    code: 0,
    withinMs: SERVING_AGAIN,
    inflict: ({ runDirectory, engine }) => {
      Deno.removeSync(runDirectory(), { recursive: true });
      kill(engine.pid, "SIGKILL");
    },
  },
  {
    name: "fill the run directory's disk, SIGKILL engine",
    survives: true,
    code: 0,
    withinMs: SERVING_AGAIN,
    wrapper: (directory) => [
      "unshare",
      "-m",
      "sh",
      "-c",
      'mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@"',
      `${directory}/tmp`,
    ],
    inflict: ({ run, program, engine }) => {
      const fill = `/proc/${program}/root${run.path("tmp")}/fill`;
      try {
        Deno.writeFileSync(fill, new Uint8Array(1 << 20));
        throw new Error("The disk is not full");
      } catch (error) {
        if (!/space/i.test(String(error))) throw error;
      }
      kill(engine.pid, "SIGKILL");
    },
  },
  {
    name: "SIGTERM while starting",
    survives: false,
    code: 0,
    withinMs: 2_000,
    after: "spawn",
    inflict: ({ program }) => kill(program, "SIGTERM"),
  },
  {
    name: "SIGTERM while loading",
    survives: false,
    code: 0,
    withinMs: 2_000,
    after: "workers",
    engineArgs: ["--load-secs", "60"],
    inflict: ({ program }) => kill(program, "SIGTERM"),
  },
  {
    name: "SIGTERM while serving",
    survives: false,
    code: 0,
    withinMs: 2_000,
    inflict: ({ program }) => kill(program, "SIGTERM"),
  },
  {
    name: "SIGTERM in back-off",
    survives: false,
    code: 0,
    withinMs: 2_000,
    after: "death",
    engineArgs: ["--die-after", "0.1"],
    env: { SUPERVISOR_PROGRAM_STARTSECS: "5" },
    inflict: ({ program }) => kill(program, "SIGTERM"),
  },
  {
    name: "second SIGTERM while draining",
    survives: false,
    code: 0,
    withinMs: 3_000,
    engineArgs: ["--drain-secs", "20"],
    inflict: async ({ program, run }) => {
      kill(program, "SIGTERM");
      await waitForEvent(run, "term");
      kill(program, "SIGTERM");
    },
  },
  {
    name: "SIGKILL CLI",
    survives: false,
    code: 137,
    withinMs: 6_000,
    parallel: 4,
    patienceSecs: 8,
    killsPid1: true,
    inflict: ({ program }) => kill(program, "SIGKILL"),
  },
  {
    name: "SIGKILL CLI, engine ignores SIGTERM",
    survives: false,
    code: 137,
    withinMs: 6_000,
    parallel: 4,
    patienceSecs: 8,
    engineArgs: ["--ignore-term", "--daemon-worker", "--clobber-environ-worker", "session"],
    killsPid1: true,
    inflict: ({ program }) => kill(program, "SIGKILL"),
  },
  {
    name: "closed stdout, SIGKILL engine",
    survives: true,
    code: 0,
    withinMs: SERVING_AGAIN,
    wrapper: () => onPipe("gone"),
    inflict: async ({ order, engine }) => {
      await order("/control/print?bytes=1000000");
      kill(engine.pid, "SIGKILL");
    },
  },
  {
    name: "1 MB lines, on stdout and stderr",
    survives: true,
    code: 0,
    withinMs: 5_000,
    keepsEngine: true,
    inflict: async ({ order }) => {
      for (let line = 0; line < 4; line++) {
        await order(`/control/print?bytes=1000000&stream=${line % 2 ? "stderr" : "stdout"}`);
      }
    },
    settle: ({ run }) =>
      waitUntil(
        run,
        () =>
          ["stdout", "stderr"].every((name) =>
            (run.read(name).match(/^x{1000000}$/gm) ?? []).length === 2
          ),
        "four whole lines",
      ),
  },
  {
    name: "stalled stdout reader, SIGTERM",
    survives: false,
    code: 0,
    withinMs: 8_000,
    parallel: 4,
    wrapper: () => onPipe("stalls"),
    inflict: async ({ port, program, run, supervisord }) => {
      void askEngine(port, "POST", "/control/print?bytes=1000000");
      await waitUntil(
        run,
        async () => await readWait(supervisord, undefined) === "reader",
        "supervisord to be blocked",
      );
      kill(program, "SIGTERM");
    },
    settle: async ({ run }) => {
      await waitForEvent(run, "term");
    },
  },
  {
    name: "command not found at restart",
    survives: false,
    code: 127,
    withinMs: SERVING_AGAIN,
    through: (directory) => {
      Deno.writeTextFileSync(`${directory}/launch`, '#!/bin/sh\nexec "$@"\n');
      Deno.chmodSync(`${directory}/launch`, 0o755);
      return [`${directory}/launch`];
    },
    inflict: ({ run, engine }) => {
      Deno.removeSync(run.path("launch"));
      kill(engine.pid, "SIGKILL");
    },
  },
];

/** What one run came to. */
interface Result {
  readonly survived: boolean;
  readonly tookMs: number;
  readonly code: number;
  readonly left: number;
  readonly zombies: number;
  /** What was not as expected. */
  readonly deviations: readonly string[];
}

function readDeaths(run: Run): EngineEvent[] {
  return readEvents(run).filter(({ event }) => event === "exit");
}

async function runOnce(
  fault: Fault,
  supervisord: InstalledSupervisord,
  asPid1: boolean,
): Promise<Result> {
  const port = findFreePort();
  await using run = new Run({
    supervisord,
    args: (directory) => [
      ...fault.through?.(directory) ?? [],
      ...[PYTHON, "-S", `${FIXTURES}/engine.py`, "--port", String(port)],
      ...["--workers", String(WORKERS), "--record", `${directory}/record`],
      ...fault.engineArgs ?? [],
    ],
    wrapper: (directory) => [
      ...fault.wrapper?.(directory) ?? [],
      ...asPid1 ? AS_PID_1 : underInit(`${directory}/init.json`, fault.patienceSecs),
    ],
    env: {
      // Any death is one of a started engine, so none is held back by back-off.
      SUPERVISOR_PROGRAM_STARTSECS: "0",
      ...Object.fromEntries(
        Object.entries(fault.env ?? {}).map(([name, value]) => [
          name,
          value.replace("PORT", String(port)),
        ]),
      ),
    },
  });
  const deviations: string[] = [];
  const expect = (holds: boolean, text: string) => {
    if (!holds) deviations.push(run.describe(`${text} (${asPid1 ? "as PID 1" : "under an init"})`));
  };

  const scene = await set(run, fault, port);
  const atMs = wallMs();
  await fault.inflict(scene);
  let tookMs = 0;
  let left: readonly string[] = [];
  let zombies = 0;
  let survived = false;
  if (fault.survives) {
    if (!fault.keepsEngine) {
      const start = await waitForEvent(run, "start", 2);
      tookMs = start.wall_ns / 1e6 - atMs;
      await waitForEvent(
        run,
        "loaded",
        readEvents(run).some((e) => e.event === "loaded" && e.pid === scene.engine.innerPid)
          ? 2
          : 1,
      );
    }
    await fault.settle?.(scene);
    await waitUntil(run, async () => await askEngine(port, "GET", "/health") === 200, "service");
    ({ left, zombies } = await settleTree(run, scene));
    if (fault.keepsEngine) tookMs = wallMs() - atMs;
    survived = run.end === undefined;
    const starts = readEvents(run).filter(({ event }) => event === "start").length;
    expect(starts === (fault.keepsEngine ? 1 : 2), `${starts} starts`);
    kill(scene.program, "SIGTERM");
  } else {
    await fault.settle?.(scene);
  }
  const ended = await run.waitForEnd(fault.withinMs + 20_000);
  const end = asPid1 && fault.killsPid1 ? { ...ended, code: 128 + 9 } : ended;
  if (!fault.survives) tookMs = end.atMs - atMs;
  if (!asPid1) {
    const report: InitReport = JSON.parse(run.read("init.json"));
    left = [...left, ...report.left];
    if (!fault.patienceSecs) zombies += report.zombies;
  }
  left = [...left, ...run.readLeft().map(({ command }) => command)];
  const files = run.readTemporary();
  if (!(asPid1 && fault.killsPid1)) {
    expect(files.length === 0, `files left: ${files}`);
  }
  expect(survived === fault.survives, "did not survive");
  expect(end.code === fault.code, `exit code ${end.code}`);
  expect(tookMs <= fault.withinMs, `took ${tookMs} ms`);
  expect(left.length === 0, `left behind: ${left.join(" | ")}`);
  expect(zombies === 0, `${zombies} zombies`);
  return { survived, tookMs, code: end.code, left: left.length, zombies, deviations };
}

/** Waits until the run is as the fault wants it. */
async function set(run: Run, fault: Fault, port: number): Promise<Scene> {
  const after = fault.after ?? "loaded";
  const supervisord = await run.waitFor(() => run.findSupervisord(), "supervisord");
  const program = await run.waitFor(() => run.findProgram(), "the program");
  let engine: TreeProcess | undefined;
  let workers: TreeProcess[] = [];
  if (after === "death") {
    await run.waitFor(() => readDeaths(run).length > 0, "the engine's death");
  } else if (after !== "spawn") {
    const { pid } = await waitForEvent(run, after);
    const pids = readEvents(run).find(({ event }) => event === "workers")?.workers ?? [];
    const tree = readTree(run.pid);
    engine = tree.find(({ innerPid }) => innerPid === pid);
    workers = tree.filter(({ innerPid }) => pids.includes(innerPid));
    if (engine === undefined || workers.length < WORKERS) {
      throw new Error(run.describe(`Cannot find engine ${pid} and workers ${pids}`));
    }
    if (fault.env?.PROCESS_HEALTH_URL !== undefined && after === "loaded") {
      await run.waitFor(() => run.read("stderr").includes(" started after "), "readiness");
    }
  }
  return {
    run,
    port,
    program,
    supervisord,
    engine: engine!,
    workers,
    order: async (path) => {
      const status = await askEngine(port, "POST", path);
      if (status !== 202) throw new Error(run.describe(`${path} was answered with ${status}`));
    },
    runDirectory: () => {
      const name = run.readTemporary().find((name) => name.startsWith("standard-supervisor-"));
      return run.path(`tmp/${name}`);
    },
  };
}

/** After a fault that was survived: nothing but what belongs there, and no zombie older than a second. */
async function settleTree(
  run: Run,
  { program, supervisord }: Scene,
): Promise<{ left: string[]; zombies: number }> {
  const begin = performance.now();
  const seenMs = new Map<number, number>();
  const old = new Set<number>();
  for (;;) {
    const nowMs = performance.now();
    const tree = readTree(run.pid);
    const known = new Set([program, supervisord]);
    const events = readEvents(run);
    const engine = events.findLast(({ event }) => event === "start")?.pid;
    const workers = events.findLast(({ event }) => event === "workers")?.workers ?? [];
    const zombies = tree.filter(({ isZombie }) => isZombie);
    for (const { pid } of zombies) {
      if (!seenMs.has(pid)) seenMs.set(pid, nowMs);
      if (nowMs - seenMs.get(pid)! > ZOMBIE_MS) old.add(pid);
    }
    const left = tree.filter(({ pid, innerPid, isZombie, command }) =>
      !isZombie && !known.has(pid) && innerPid !== engine && !workers.includes(innerPid) &&
      !command.includes("lifeline") && !command.includes("report, patience")
    );
    if (left.length + zombies.length === 0) return { left: [], zombies: old.size };
    if (nowMs - begin > SETTLE_MS) {
      return {
        left: left.map(({ pid, command }) => `${pid} ${command}`),
        zombies: old.size,
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function runFault(
  fault: Fault,
  supervisord: InstalledSupervisord,
  runs: number,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const work = async () => {
    while (next < runs) {
      const asPid1 = next++ % 2 === (fault.survives ? 0 : 1);
      try {
        results.push(await runOnce(fault, supervisord, asPid1));
      } catch (error) {
        const text = `${asPid1 ? "as PID 1" : "under an init"}: ${errorText(error)}`;
        results.push({
          survived: false,
          tookMs: NaN,
          code: -1,
          left: NaN,
          zombies: NaN,
          deviations: [text],
        });
      }
    }
  };
  await Promise.all(Array.from({ length: fault.parallel ?? 2 }, work));
  return results;
}

function renderRow(fault: Fault, results: readonly Result[]): string {
  const times = results.map(({ tookMs }) => tookMs).filter((ms) => !Number.isNaN(ms))
    .sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? NaN;
  const survived = results.filter((result) => result.survived).length;
  const codes = [...new Set(results.map(({ code }) => code))].join(", ");
  const most = (key: "left" | "zombies") => Math.max(...results.map((result) => result[key]));
  const cells = [
    fault.name,
    results.length,
    fault.survives ? `${survived} of ${results.length}` : "exits",
    `${median.toFixed(0)} / ${(times.at(-1) ?? NaN).toFixed(0)}`,
    fault.survives ? `${codes} (after SIGTERM)` : codes,
    most("left"),
    most("zombies"),
  ];
  return `| ${cells.join(" | ")} |`;
}

async function main(args: string[]): Promise<number> {
  const options = parseArgs(args, { string: ["runs", "only", "supervisord"] });
  const runs = Number(options.runs ?? 20);
  const supervisords = readSupervisords();
  const supervisord = supervisords.find(({ path }) => path === options.supervisord) ??
    supervisords.at(-1)!;
  const faults = FAULTS.filter(({ name }) => name.includes(options.only ?? ""));
  const memory = /MemTotal:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/meminfo"))?.[1];
  console.log(
    `${new Date().toISOString().slice(0, 10)}, supervisord ${supervisord.version}, ` +
      `Deno ${Deno.version.deno}, ${navigator.hardwareConcurrency} cores, ` +
      `${(Number(memory) / 1048576).toFixed(0)} GiB; engine with ${WORKERS} workers\n\n` +
      `| fault | runs | survived | to recovery or exit, ms (median / max) | exit code | processes left | zombies left |\n` +
      `|---|---:|---:|---:|---:|---:|---:|`,
  );
  const deviations: string[] = [];
  for (const fault of faults) {
    const results = await runFault(fault, supervisord, runs);
    console.log(renderRow(fault, results));
    for (const result of results) {
      for (const text of result.deviations) deviations.push(`${fault.name}: ${text}`);
    }
  }
  for (const text of deviations) console.error(`\n=== ${text}`);
  console.log(
    deviations.length === 0 ? "\nAll as expected." : `\n${deviations.length} deviations.`,
  );
  return deviations.length === 0 ? 0 : 1;
}

Deno.exit(await main(Deno.args));
