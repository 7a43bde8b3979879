/** What other processes on the machine cost, as with `hostPID`. */
import { START } from "../peers/scenarios/start.ts";
import { measureSweep } from "../peers/scenarios/restart.ts";
import { startStrangers } from "../strangers.ts";
import type { Growth, GrowthBench } from "./growth.ts";

const WORKERS = 8;

async function measure(size: number, bench: GrowthBench): Promise<number[]> {
  await using _strangers = await startStrangers(bench.python, size);
  const { first } = await START.measure(bench.ours, bench);
  const { restart } = await measureSweep(bench.ours, bench, WORKERS);
  return [first!.value!, restart.value!];
}

/** They are in our own process namespace. */
export const HOST: Growth = {
  name: "host",
  title: "Processes on the host",
  text: "So many processes that are nobody's, in the same process namespace: the start, and the " +
    `restart of an engine with ${WORKERS} workers, which must be told from them.`,
  xTitle: "other processes",
  yTitle: "ms",
  curves: ["start", "restart"],
  sizes: [10, 100, 1_000, 10_000, 20_000],
  measure,
};
