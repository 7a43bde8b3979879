/**
 * What a healthy engine's supervision costs while nothing happens.
 *
 *     deno run -A bench/idle.ts [--secs 60]
 */
import { recordingEngine, waitForEvent } from "../tests/support/engines.ts";
import { pause, readUsage } from "../tests/support/processes.ts";
import { Run } from "../tests/support/run.ts";
import { readSupervisords } from "../tests/support/supervisords.ts";
import { Bounds, printTable, readOption } from "./report.ts";

/** Must show 9: CPU of both together, ms a second. */
const CPU_MS = 5;

/** Compilers and caches of a start are still at work before this, ms. */
const SETTLED_MS = 3_000;

async function main(args: readonly string[]): Promise<number> {
  const secs = readOption(args, "secs", 60);
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
      after[index]!.rssKib / 1024,
      after[index]!.pssKib / 1024,
    ]);
    const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column]), 0);
    console.log(`\nsupervisord ${supervisord.version}, ${seconds.toFixed(0)} s`);
    printTable([
      ["", "pid", "CPU ms/s", "RSS MiB", "PSS MiB"],
      ...rows,
      ["together", "", sum(2), sum(3), sum(4)],
    ]);
    bounds.expect(`CPU ${sum(2).toFixed(2)} ms/s, not under ${CPU_MS}`, sum(2) < CPU_MS);
  }
  return bounds.report();
}

if (import.meta.main) Deno.exit(await main(Deno.args));
