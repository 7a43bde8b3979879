/** What a sweep costs by the number of workers. */
import { measureSweep } from "../peers/scenarios/restart.ts";
import type { Growth } from "./growth.ts";

/** Until none of them lives and the next engine runs. */
export const WORKERS: Growth = {
  name: "workers",
  title: "Workers to sweep",
  text:
    "From SIGKILL of the engine to the next one's first instruction. Its workers, every second " +
    "one in a session of its own, are dead by then.",
  xTitle: "workers",
  yTitle: "ms",
  curves: ["restart"],
  sizes: [1, 10, 100, 1_000, 2_000],
  measure: async (size, bench) => {
    const { restart, left } = await measureSweep(bench.ours, bench, size);
    if (left.value !== 0) throw new Error(`${left.value} of ${size} workers live on`);
    return [restart.value!];
  },
};
