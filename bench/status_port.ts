/**
 * What those who ask at the status port cost: restart and end with the port under each burden, and without it
 * while the same burden hits another process of this machine, round by round in one run.
 *
 *     deno run -A bench/status_port.ts [--rounds 10] [--secs 3] [--burdens requests,huge_body]
 */
import { sleeper, waitForStart } from "../tests/support/engines.ts";
import { findFreePort } from "../tests/support/namespace.ts";
import { pause, readUsage, signalProcess, wallMs } from "../tests/support/processes.ts";
import { makeCommand, Run } from "../tests/support/run.ts";
import { ask, LOADS, StatusLoad } from "../tests/support/status_client.ts";
import { chooseSupervisord, type InstalledSupervisord } from "../tests/support/supervisords.ts";
import { Bounds, median, printTable, readOption, readWords } from "./report.ts";

const BURDENS = ["none", ...LOADS] as const;
type Burden = typeof BURDENS[number];

interface Measured {
  /** From the command to the engine's first instruction, ms. */
  readonly first: number;
  /** From SIGKILL to the next engine's first instruction, ms. */
  readonly restart: number;
  /** From SIGTERM to the exit, ms. */
  readonly stop: number;
  /** The share of a CPU that the program used while it was burdened, %. */
  readonly cpu: number;
  /** Answers that were given a second. */
  readonly answers: number;
}

/** A median that is larger by more than this is a change, ms. */
const MAX_MORE_MS = 15;

/** Serves a status in another process. */
function serveElsewhere(port: number): Deno.ChildProcess {
  const [program = "", ...args] = makeCommand(
    [String(port)],
    ["-A"],
    "tests/fixtures/serves_status.ts",
  );
  return new Deno.Command(program, { args, stdin: "piped", stdout: "null" }).spawn();
}

async function measure(
  supervisord: InstalledSupervisord,
  burden: Burden,
  hasPort: boolean,
  secs: number,
): Promise<Measured> {
  const port = findFreePort();
  const other = hasPort ? undefined : serveElsewhere(port);
  await using run = new Run({
    supervisord,
    args: sleeper,
    env: hasPort ? { PROCESS_STATUS_PORT: String(port) } : {},
  });
  const first = await waitForStart(run);
  while ((await ask(port, "/metrics")).status !== 200) await pause(20);
  await using load = burden === "none" ? undefined : new StatusLoad(burden, port);
  await pause(1_300); // It counts as started.
  const [beganMs, before] = [wallMs(), readUsage(run.pid).cpuMs];
  await pause(secs * 1_000);
  const cpu = (readUsage(run.pid).cpuMs - before) / (wallMs() - beganMs) * 100;
  const killedMs = wallMs();
  signalProcess(first.pid, "SIGKILL");
  const second = await waitForStart(run, 2);
  await pause(1_300);
  const stoppedMs = wallMs();
  run.signal("SIGTERM");
  const { code, atMs } = await run.waitForEnd();
  if (code !== 0) throw new Error(run.describe(burden));
  const did = await load?.end();
  await other?.stdin.close();
  await other?.status;
  return {
    first: first.atMs - run.spawnedMs,
    restart: second.atMs - killedMs,
    stop: atMs - stoppedMs,
    cpu,
    answers: (did?.answers ?? 0) / (secs + 2.6),
  };
}

async function main(args: readonly string[]): Promise<number> {
  const rounds = readOption(args, "rounds", 10);
  const secs = readOption(args, "secs", 3);
  const supervisord = chooseSupervisord();
  const chosen = readWords(args, "burdens");
  const burdens = BURDENS.filter((burden) => chosen.length === 0 || chosen.includes(burden));
  const ways = burdens.flatMap((burden) => [false, true].map((hasPort) => ({ burden, hasPort })));
  const results = ways.map((way) => ({ ...way, measured: [] as Measured[] }));
  for (let round = 0; round < rounds; round++) {
    for (const { burden, hasPort, measured } of results) {
      measured.push(await measure(supervisord, burden, hasPort, secs));
    }
  }
  console.log(`\nsupervisord ${supervisord.version}, ${rounds} rounds of ${secs} s, ms`);
  const read = (measured: readonly Measured[], name: keyof Measured) =>
    measured.map((one) => one[name]);
  printTable([
    ["burden", "it hits", "first", "", "restart", "", "stop", "", "CPU %", "answers/s"],
    ["", "", "median", "max", "median", "max", "median", "max", "median", "median"],
    ...results.map(({ burden, hasPort, measured }) => [
      burden,
      hasPort ? "the port" : "another process",
      ...(["first", "restart", "stop"] as const).flatMap((name) => [
        median(read(measured, name)),
        Math.max(...read(measured, name)),
      ]),
      median(read(measured, "cpu")),
      median(read(measured, "answers")),
    ]),
  ]);
  const bounds = new Bounds();
  for (const burden of burdens) {
    const [without, with_] = results.filter((result) => result.burden === burden);
    for (const name of ["restart", "stop"] as const) {
      const more = median(read(with_?.measured ?? [], name)) -
        median(read(without?.measured ?? [], name));
      bounds.expect(`${name}, ${burden}: ${more.toFixed(1)} ms more`, more <= MAX_MORE_MS);
    }
  }
  return bounds.report();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
