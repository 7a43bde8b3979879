/** How long until the next engine runs, and what of the dead one lives on beside it. */
import { readStarts, sleeper, waitForStart } from "../../../tests/support/engines.ts";
import { isAlive, signalProcess, wallMs } from "../../../tests/support/processes.ts";
import { ROOT, type Run } from "../../../tests/support/run.ts";
import { type Contender, start } from "../contender.ts";
import { type Bench, type Scenario, waitUntilStarted } from "../scenario.ts";
import type { Reading } from "../results.ts";

const FORKS_WORKERS = `${ROOT}/bench/peers/programs/forks_workers.py`;

/** Kills the engine, which has been alive for long enough. @returns ms to the next one's first instruction. */
async function kill(run: Run): Promise<number> {
  const { pid } = readStarts(run)[0]!;
  if (!isAlive(pid)) throw new Error(run.describe("The engine died"));
  const killedMs = wallMs();
  signalProcess(pid, "SIGKILL");
  const { atMs } = await waitForStart(run, 2);
  return atMs - killedMs;
}

/** The restart of an engine that has no workers. */
export const RESTART: Scenario = {
  name: "restart",
  title: "Restart",
  text: "From SIGKILL of the engine, which has run for 1.3 to 2.3 s, to the next one's first " +
    "instruction.",
  measures: [{ key: "restart", title: "to the next engine", unit: "ms", better: "less" }],
  mostRounds: 20,
  measure: async (contender) => {
    await using run = start(contender, (directory) => ({ engine: sleeper(directory) }));
    await waitUntilStarted(run);
    return { restart: { value: await kill(run) } };
  },
};

/**
 * An engine that forks workers, half of them in sessions of their own, and records them.
 *
 * @param python Its Python.
 * @param directory The run's directory.
 * @param workers How many.
 */
export function forkingEngine({ python }: Bench, directory: string, workers: number): string[] {
  return [
    ...sleeper(directory),
    ...[python, "-S", "-I", FORKS_WORKERS, String(workers), `${directory}/workers`],
  ];
}

/**
 * Kills an engine with workers.
 *
 * @param contender Who restarts it.
 * @param bench The bench.
 * @param workers How many.
 * @returns ms to the next engine's first instruction, and how many of the workers live then.
 */
export async function measureSweep(
  contender: Contender,
  bench: Bench,
  workers: number,
): Promise<Record<"restart" | "left", Reading>> {
  await using run = start(contender, (directory) => ({
    engine: forkingEngine(bench, directory, workers),
  }));
  const [pids = []] = await run.waitFor(
    () => run.readNumbers("workers").length > 0 && run.readNumbers("workers"),
    "the workers",
  );
  await waitUntilStarted(run);
  const value = await kill(run);
  const left = pids.filter(isAlive).length;
  return { restart: { value }, left: { value: left, note: `of ${workers}` } };
}

/** Workers of the engine in the scenario: a tensor-parallel engine on eight GPUs. */
const WORKERS = 8;

/** The restart of one that leaves workers behind. */
export const SWEEP: Scenario = {
  name: "sweep",
  title: "Restart with workers",
  text:
    `The same with ${WORKERS} workers, which live on when their engine is killed: every second ` +
    "one has a session of its own. Those that live beside the next engine hold its GPU and its port.",
  measures: [
    { key: "restart", title: "to the next engine", unit: "ms", better: "less" },
    { key: "left", title: "old workers left", unit: "", better: "less" },
  ],
  mostRounds: 20,
  measure: (contender, bench) => measureSweep(contender, bench, WORKERS),
};
