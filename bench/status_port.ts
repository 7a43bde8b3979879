/**
 * What those who ask at the status port cost: restart and end without the port, with it, and under each
 * burden, round by round in one run.
 *
 *     deno run -A bench/status_port.ts [--rounds 10] [--secs 3]
 */
import { sleeper, waitForStart } from "../tests/support/engines.ts";
import { findFreePort } from "../tests/support/namespace.ts";
import { pause, readUsage, signalProcess, wallMs } from "../tests/support/processes.ts";
import { Run } from "../tests/support/run.ts";
import { ask, LOADS, StatusLoad } from "../tests/support/status_client.ts";
import { chooseSupervisord, type InstalledSupervisord } from "../tests/support/supervisords.ts";
import { Bounds, median, printTable, readOption } from "./report.ts";

const WAYS = ["without", "with", ...LOADS] as const;
type Way = typeof WAYS[number];

interface Measured {
  /** From the command to the engine's first instruction, ms. */
  readonly first: number;
  /** From SIGKILL to the next engine's first instruction, ms. */
  readonly restart: number;
  /** From SIGTERM to the exit, ms. */
  readonly stop: number;
  /** The share of a CPU that the program used while it was asked, %. */
  readonly cpu: number;
  /** Answers that were given, and bytes that were thrown at it, a second. */
  readonly answers: number;
  readonly bytes: number;
}

/** More than this above the same without the port is a change, ms; two cores are shared with the clients. */
const MOST_MORE_MS = 25;

async function measure(
  supervisord: InstalledSupervisord,
  way: Way,
  secs: number,
): Promise<Measured> {
  const port = findFreePort();
  await using run = new Run({
    supervisord,
    args: sleeper,
    env: way === "without" ? {} : { PROCESS_STATUS_PORT: String(port) },
  });
  const first = await waitForStart(run);
  await using load = way === "without" || way === "with" ? undefined : new StatusLoad(way, port);
  await pause(1_300); // It counts as started.
  if (way !== "without") await ask(port, "/metrics"); // Whoever asks first waits for the library.
  const program = run.findProgram() ?? run.pid;
  const [beganMs, before] = [wallMs(), readUsage(program).cpuMs];
  await pause(secs * 1_000);
  const cpu = (readUsage(program).cpuMs - before) / (wallMs() - beganMs) * 100;
  const killedMs = wallMs();
  signalProcess(first.pid, "SIGKILL");
  const second = await waitForStart(run, 2);
  await pause(1_300);
  const stoppedMs = wallMs();
  run.signal("SIGTERM");
  const { code, atMs } = await run.waitForEnd();
  if (code !== 0) throw new Error(run.describe(way));
  const did = await load?.end();
  const loadSecs = secs + 2.6;
  return {
    first: first.atMs - run.spawnedMs,
    restart: second.atMs - killedMs,
    stop: atMs - stoppedMs,
    cpu,
    answers: (did?.answers ?? 0) / loadSecs,
    bytes: (did?.bytes ?? 0) / loadSecs,
  };
}

async function main(args: readonly string[]): Promise<number> {
  const rounds = readOption(args, "rounds", 10);
  const secs = readOption(args, "secs", 3);
  const supervisord = chooseSupervisord();
  const results = new Map<Way, Measured[]>(WAYS.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [way, measured] of results) measured.push(await measure(supervisord, way, secs));
  }
  const bounds = new Bounds();
  const read = (way: Way, name: keyof Measured) =>
    (results.get(way) ?? []).map((measured) => measured[name]);
  console.log(`\nsupervisord ${supervisord.version}, ${rounds} rounds of ${secs} s, ms`);
  printTable([
    ["", "first", "", "restart", "", "stop", "", "CPU %", "answers/s", "MB/s"],
    ["", "median", "max", "median", "max", "median", "max", "median", "median", "median"],
    ...WAYS.map((way) => [
      way,
      ...(["first", "restart", "stop"] as const).flatMap((name) => [
        median(read(way, name)),
        Math.max(...read(way, name)),
      ]),
      median(read(way, "cpu")),
      median(read(way, "answers")),
      median(read(way, "bytes")) / 1e6,
    ]),
  ]);
  for (const way of WAYS) {
    for (const name of ["restart", "stop"] as const) {
      const more = median(read(way, name)) - median(read("without", name));
      bounds.expect(`${name}, ${way}: ${more.toFixed(1)} ms more`, more <= MOST_MORE_MS);
    }
  }
  return bounds.report();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
