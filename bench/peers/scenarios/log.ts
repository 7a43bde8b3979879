/** How fast the engine's output goes through, and how late a line of it arrives. */
import { ROOT, type Run } from "../../../tests/support/run.ts";
import { type Contender, start } from "../contender.ts";
import { type Bench, type Scenario, SETTLED_MS } from "../scenario.ts";

const PROGRAMS = `${ROOT}/bench/peers/programs`;

/** One whole stream may take so long, ms. */
const DEADLINE_MS = 60_000;

/** What reads_lines.py reports. */
interface Passage {
  readonly secs: number;
  readonly lines: number;
  readonly isExact: boolean;
  /** µs; all three `null` where no line could be read. */
  readonly median: number | null;
  readonly p99: number | null;
  readonly highest: number | null;
}

/**
 * Has an engine write lines, each in one write, and reads them behind the contender.
 *
 * @param contender Who passes them on.
 * @param bench The bench.
 * @param bytes The length of a line.
 * @param count How many.
 * @param pauseMs Between two of them, ms.
 */
export async function measureLines(
  contender: Contender,
  { python }: Bench,
  bytes: number,
  count: number,
  pauseMs: number,
): Promise<Passage> {
  const sizes = [bytes, count].map(String);
  const pauses = [pauseMs, SETTLED_MS].map(String);
  await using run: Run = start(
    contender,
    () => ({
      engine: [python, "-S", "-I", `${PROGRAMS}/writes_lines.py`, ...sizes, ...pauses],
    }),
    {
      wrapper: (directory) => [
        ...[python, "-S", "-I", `${PROGRAMS}/reads_lines.py`, `${directory}/passage`, ...sizes],
      ],
    },
  );
  const text = await run.waitFor(
    () => run.read("passage") || undefined,
    "the last line",
    DEADLINE_MS,
  );
  return JSON.parse(text);
}

/** MB of a stream. */
const MEGABYTES = 100;

function makeThroughput(key: string, bytes: number) {
  return {
    measure: { key, title: `lines of ${bytes} bytes`, unit: "MB/s", better: "more" } as const,
    read: async (contender: Contender, bench: Bench) => {
      const count = Math.floor(MEGABYTES * 1e6 / bytes);
      const { secs, isExact } = await measureLines(contender, bench, bytes, count, 0);
      return {
        value: count * bytes / 1e6 / secs,
        note: isExact ? "byte for byte" : "with additions",
      };
    },
  };
}

const THROUGHPUTS = [makeThroughput("small", 100), makeThroughput("large", 65_536)];

/** A stream as fast as it goes. */
export const THROUGHPUT: Scenario = {
  name: "throughput",
  title: "Log throughput",
  text:
    `${MEGABYTES} MB of the engine's output, each line one write, through the contender into a ` +
    "pipe that is read at once: from the first byte, " +
    `${SETTLED_MS / 1_000} s after the start, to the last. s6 and runit ` +
    "hand their own stdout on to the engine, so that nothing stands between: theirs is the speed of " +
    "the writer.",
  measures: THROUGHPUTS.map(({ measure }) => measure),
  mostRounds: 5,
  measure: async (contender, bench) => {
    const entries = [];
    for (const { measure, read } of THROUGHPUTS) {
      entries.push([measure.key, await read(contender, bench)] as const);
    }
    return Object.fromEntries(entries);
  },
};

/** One line at a time. */
export const LATENCY: Scenario = {
  name: "latency",
  title: "Log latency",
  text:
    `400 lines of 100 bytes, one every 5 ms, ${
      SETTLED_MS / 1_000
    } s after the start: from just before ` +
    "a line's write " +
    "to its arrival behind the contender. The readings are the medians, and 99th percentiles, of each round.",
  measures: [
    { key: "median", title: "median", unit: "ms", better: "less" },
    { key: "p99", title: "99th percentile", unit: "ms", better: "less" },
  ],
  mostRounds: 5,
  measure: async (contender, bench) => {
    const { median, p99 } = await measureLines(contender, bench, 100, 400, 5);
    return {
      median: { value: (median ?? NaN) / 1_000 },
      p99: { value: (p99 ?? NaN) / 1_000 },
    };
  },
};
