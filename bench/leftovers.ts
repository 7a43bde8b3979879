/**
 * What is left in a small `/dev/shm` when engines that keep shared memory are killed together with their
 * cleaners: its use after each round, and whether strangers' files are there yet.
 *
 *     deno run -A bench/leftovers.ts [--kills 50] [--instances 10] [--kib 1024]
 *
 * Several instances share it, since recoveries of one that never lasts are put off more and more.
 */
import { readEvents, runAsChild, waitForEvent } from "../tests/support/engines.ts";
import { NOBODY } from "../tests/support/isolation.ts";
import { signalProcess, wallMs } from "../tests/support/processes.ts";
import { Run } from "../tests/support/run.ts";
import { SharedMemory } from "../tests/support/shared_memory.ts";
import { readSupervisords } from "../tests/support/supervisords.ts";
import { Bounds, median, printTable, readOption } from "./report.ts";

const [supervisord] = readSupervisords();
const kills = readOption(Deno.args, "kills", 50);
const instances = readOption(Deno.args, "instances", 10);
const kib = readOption(Deno.args, "kib", 1024);
const rounds = Math.ceil(kills / instances);

/** What strangers keep. */
const STRANGERS = ["psm_01de4", "psm_0ffe4", "psm_1155e4", "sagemaker_sessions", "unheard_of"];

function start(shm: SharedMemory): Run {
  return new Run({
    supervisord,
    args: (directory) => runAsChild(supervisord!, "shm_engine.py", directory, "--kib", String(kib)),
    env: {
      SUPERVISOR_PROGRAM_STARTSECS: "0",
      PROCESS_MAX_RECOVERY_ATTEMPTS: "unlimited",
      PROCESS_ENGINE: "vllm",
    },
    wrapper: shm.wrapper,
  });
}

/** Kills the engine and what would clean up after it. */
function killAll(run: Run): void {
  const last = readEvents(run).findLast(({ event }) => event === "workers");
  const [worker = 0, tracker = 0] = last?.workers ?? [];
  for (const pid of [tracker, worker, last?.pid ?? 0]) signalProcess(pid, "SIGKILL");
}

const bounds = new Bounds();
// One segment more than there are engines: a leak fails within two rounds.
await using shm = await SharedMemory.mount((instances + 1) * kib + 256);
Deno.writeTextFileSync(shm.path("psm_01de4"), "older");
const runs = Array.from({ length: instances }, () => start(shm));
await using _cleanup = {
  [Symbol.asyncDispose]: async () => {
    for (const run of runs) await run[Symbol.asyncDispose]();
  },
};
await Promise.all(runs.map((run) => waitForEvent(run, "loaded")));
for (const name of STRANGERS.slice(3)) Deno.writeTextFileSync(shm.path(name), "a stranger's");
Deno.writeTextFileSync(shm.path("psm_0ffe4"), "another user's");
Deno.chownSync(shm.path("psm_0ffe4"), NOBODY, NOBODY);
await shm.use("psm_1155e4");

const before = shm.usedKib;
const rows: (string | number)[][] = [["kills", "files", "KiB", "strangers' files"]];
const restartsMs: number[] = [];
function report(count: number): void {
  const { names, usedKib } = shm;
  const spared = STRANGERS.filter((name) => names.includes(name)).length;
  rows.push([count, names.length, usedKib, spared]);
  bounds.expect(`${count} kills: ${usedKib} of ${before} KiB`, usedKib <= before);
  bounds.expect(`${count} kills: ${spared} strangers' files`, spared === STRANGERS.length);
}
report(0);
for (let round = 1; round <= rounds; round++) {
  const killedMs = wallMs();
  for (const run of runs) killAll(run);
  const loaded = await Promise.all(runs.map((run) => waitForEvent(run, "loaded", round + 1)));
  // Only the first death in a row is recovered from at once.
  if (round === 1) restartsMs.push(...loaded.map(({ wall_ns }) => wall_ns / 1e6 - killedMs));
  report(round * instances);
}
for (const run of runs) signalProcess(run.findProgram() ?? 0, "SIGTERM");
const ends = await Promise.all(runs.map((run) => run.waitForEnd()));
bounds.expect("every end has code 0", ends.every(({ code }) => code === 0));
rows.push(["end", shm.names.length, shm.usedKib, STRANGERS.length]);
bounds.expect(
  "only strangers' files at the end",
  shm.names.join() === [...STRANGERS].sort().join(),
);
printTable(rows);
console.log(
  `from the kill to the next engine's load: ${median(restartsMs).toFixed(0)} ms (median)`,
);
Deno.exitCode = bounds.report();
