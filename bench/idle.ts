/**
 * What a healthy engine's supervision costs while nothing happens.
 *
 *     deno run -A bench/idle.ts [--secs 60] [--cpu-ms 2]
 *
 * Each process that starts elsewhere on the machine makes it look at its own: a busy machine needs a larger bound.
 *
 * With `TEST_PROGRAM=dist/standard-supervisor` of the executable.
 */
import { recordingEngine, waitForEvent } from "../tests/support/engines.ts";
import { pause, readUsage } from "../tests/support/processes.ts";
import { TEST_PROGRAM } from "../tests/support/program.ts";
import { Run } from "../tests/support/run.ts";
import { readSupervisords } from "../tests/support/supervisords.ts";
import { Bounds, printTable, readOption } from "./report.ts";

/** CPU of standard-supervisor, ms a second. */
const OWN_CPU_MS = 2;

/** CPU of supervisord, ms a second. */
const SUPERVISORD_CPU_MS = 3;

/**
 * Anonymous memory of standard-supervisor, KiB: of the executable 20 MiB. `deno run` has V8's compilers, and
 * keeps what it knows of 250 modules; an empty program takes 9.5 MiB.
 */
const ANONYMOUS_KIB = (TEST_PROGRAM === undefined ? 32 : 20) * 1024;

/** Compilers and caches of a start are still at work before this, ms. */
const SETTLED_MS = 3_000;

async function main(args: readonly string[]): Promise<number> {
  const secs = readOption(args, "secs", 60);
  const mostOwnMs = readOption(args, "cpu-ms", OWN_CPU_MS);
  const bounds = new Bounds();
  for (const supervisord of readSupervisords()) {
    await using run = new Run({
      supervisord,
      args: (directory) => recordingEngine(supervisord, directory, "--workers", "2"),
    });
    await waitForEvent(run, "loaded");
    await pause(SETTLED_MS);
    const processes = [
      ["standard-supervisor", await run.waitFor(() => run.findProgram(), "the program")],
      ["supervisord", await run.waitFor(() => run.findSupervisord(), "supervisord")],
    ] as const;
    const before = processes.map(([, pid]) => readUsage(pid));
    const beginMs = performance.now();
    await pause(secs * 1_000);
    const seconds = (performance.now() - beginMs) / 1_000;
    const after = processes.map(([, pid]) => readUsage(pid));
    const rows = processes.map(([name, pid], index) => [
      name,
      pid,
      (after[index]!.cpuMs - before[index]!.cpuMs) / seconds,
      after[index]!.anonymousKib / 1024,
      after[index]!.rssKib / 1024,
      after[index]!.pssKib / 1024,
    ]);
    const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column]), 0);
    console.log(`\nsupervisord ${supervisord.version}, ${seconds.toFixed(0)} s`);
    printTable([
      ["", "pid", "CPU ms/s", "anonymous MiB", "RSS MiB", "PSS MiB"],
      ...rows,
      ["together", "", sum(2), sum(3), sum(4), sum(5)],
    ]);
    const { anonymousKib } = after[0]!;
    for (const [index, mostMs] of [mostOwnMs, SUPERVISORD_CPU_MS].entries()) {
      const [name, , cpuMs] = rows[index]!;
      bounds.expect(`CPU of ${name} ${cpuMs} ms/s, not under ${mostMs}`, Number(cpuMs) < mostMs);
    }
    bounds.expect(
      `our anonymous memory ${anonymousKib} KiB, not under ${ANONYMOUS_KIB}`,
      anonymousKib < ANONYMOUS_KIB,
    );
  }
  return bounds.report();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
