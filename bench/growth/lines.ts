/** What a line of output costs by its length. */
import { measureLines } from "../peers/scenarios/log.ts";
import type { Growth } from "./growth.ts";

/** A stream is about so long, bytes, and of no more lines than this. */
const [BYTES, MAX_LINES] = [40_000_000, 200_000];

/** Ours beside supervisord alone: what it does not do, ours cannot. */
export const LINES: Growth = {
  name: "lines",
  title: "Lines",
  text:
    "Lines of so many bytes, each in one write, 40 MB of them or 200,000, into a pipe that is " +
    "read at once.",
  xTitle: "bytes per line",
  yTitle: "MB/s",
  curves: ["standard-supervisor", "supervisord alone"],
  sizes: [10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000],
  measure: async (size, bench) => {
    const count = Math.min(MAX_LINES, BYTES / size);
    const speeds = [];
    for (const contender of [bench.ours, bench.plain]) {
      const { secs, isExact } = await measureLines(contender, bench, size, count, 0);
      if (!isExact) throw new Error(`${contender.name} changes lines of ${size} bytes`);
      speeds.push(size * count / 1e6 / secs);
    }
    return speeds;
  },
};
