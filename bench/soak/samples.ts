/** What an instance uses, read again and again, and whether it grows. */
import { readUsage } from "../../tests/support/processes.ts";
import { median } from "../report.ts";
import type { Instance } from "./instance.ts";

/** One reading. */
export interface Sample {
  /** Since the soak began, s. */
  readonly atSecs: number;
  /** Anonymous memory of the program, KiB. */
  readonly anonymousKib: number;
  /** Resident memory of the program, shared pages divided, KiB. */
  readonly pssKib: number;
  readonly descriptors: number;
  readonly threads: number;
  /** Anonymous memory of supervisord, KiB. */
  readonly supervisordKib: number;
  readonly supervisordDescriptors: number;
  /** What `/dev/shm` holds, KiB. */
  readonly shmKib: number;
  /** What TMPDIR holds, KiB. */
  readonly temporaryKib: number;
}

/** What each may grow by, from its median in the first quarter after the warm-up to that in the last. */
export const GROWTH = {
  anonymousKib: 4096,
  descriptors: 2,
  threads: 2,
  supervisordKib: 1024,
  supervisordDescriptors: 2,
  shmKib: 0,
  temporaryKib: 256,
} as const satisfies Partial<Record<keyof Sample, number>>;

/** A measure that must not grow. */
export type Measure = keyof typeof GROWTH;

/** The first part of a soak, in which code is compiled and heaps find their size. */
const WARM_UP = 1 / 6;

/** A growth is told only of a soak that lasts so long, s: in a shorter one all of it is warm-up. */
const LEAST_SECS = 900;

/** Reads what an instance uses. */
export function readSample(instance: Instance, atSecs: number): Sample {
  const { program, supervisord, temporary } = instance;
  const { anonymousKib, pssKib } = readUsage(program);
  return {
    atSecs,
    anonymousKib,
    pssKib,
    descriptors: countEntries(`/proc/${program}/fd`),
    threads: countEntries(`/proc/${program}/task`),
    supervisordKib: readUsage(supervisord).anonymousKib,
    supervisordDescriptors: countEntries(`/proc/${supervisord}/fd`),
    shmKib: readSize(instance.path("/dev/shm")),
    temporaryKib: readSize(temporary),
  };
}

function countEntries(directory: string): number {
  return [...Deno.readDirSync(directory)].length;
}

/** What files take below a directory, KiB; they may go while it is read. */
function readSize(directory: string): number {
  let blocks = 0;
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    const path = `${directory}/${name}`;
    try {
      if (isDirectory) blocks += 2 * readSize(path);
      else blocks += Deno.lstatSync(path).blocks ?? 0;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return blocks / 2;
}

/** How a measure has gone. */
export interface Trend {
  readonly measure: Measure;
  /** Median of the first quarter after the warm-up. */
  readonly first: number;
  /** Median of the last quarter. */
  readonly last: number;
  /** Median of the slopes between all pairs of samples (Theil and Sen), an hour. */
  readonly slope: number;
  /** Whether it grew past its bound, by the medians or by the slope. */
  readonly grows: boolean;
}

/** Tells how every measure has gone; nothing of a soak that was too short. */
export function findTrends(samples: readonly Sample[]): Trend[] {
  const endSecs = samples.at(-1)?.atSecs ?? 0;
  if (endSecs < LEAST_SECS) return [];
  const beginSecs = endSecs * WARM_UP;
  const warm = samples.filter(({ atSecs }) => atSecs >= beginSecs);
  const quarterSecs = (endSecs - beginSecs) / 4;
  return (Object.keys(GROWTH) as Measure[]).map((measure) => {
    const medianOf = (inside: (atSecs: number) => boolean) =>
      median(warm.filter(({ atSecs }) => inside(atSecs)).map((sample) => sample[measure]));
    const first = medianOf((atSecs) => atSecs < beginSecs + quarterSecs);
    const last = medianOf((atSecs) => atSecs >= endSecs - quarterSecs);
    const slope = findSlope(warm.map((sample) => [sample.atSecs / 3600, sample[measure]]));
    const grown = Math.max(last - first, slope * (endSecs - beginSecs) / 3600);
    return { measure, first, last, slope, grows: !(grown <= GROWTH[measure]) };
  });
}

function findSlope(points: readonly (readonly [x: number, y: number])[]): number {
  const slopes = points.flatMap(([x, y], index) =>
    points.slice(index + 1).filter(([other]) => other > x).map(([x2, y2]) => (y2 - y) / (x2 - x))
  );
  return median(slopes);
}
