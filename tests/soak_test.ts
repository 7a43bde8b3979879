import { assertEquals } from "@std/assert";
import { findTrends, type Sample } from "../bench/soak/samples.ts";

/** An hour's samples, one every ten seconds. */
function sample(anonymousKib: (secs: number) => number): Sample[] {
  return Array.from({ length: 360 }, (_, index) => ({
    atSecs: index * 10,
    anonymousKib: anonymousKib(index * 10),
    pssKib: 0,
    descriptors: 40 + index % 2,
    threads: 8,
    supervisordKib: 14_000,
    supervisordDescriptors: 13,
    shmKib: 1024,
    temporaryKib: 20,
  }));
}

const findGrowing = (samples: readonly Sample[]) =>
  findTrends(samples).filter(({ grows }) => grows).map(({ measure }) => measure);

/** A heap between two collections, KiB. */
const saw = (secs: number) => secs * 7 % 3_000;

Deno.test("findTrends() finds a leak of 6 MiB an hour below a heap that comes and goes", () => {
  assertEquals(findGrowing(sample((secs) => 30_000 + saw(secs) + secs * 6_144 / 3_600)), [
    "anonymousKib",
  ]);
});

Deno.test("findTrends() takes neither the warm-up nor a heap that comes and goes for growth", () => {
  assertEquals(findGrowing(sample((secs) => 30_000 + Math.min(secs * 20, 10_000) + saw(secs))), []);
});

Deno.test("findTrends() finds one descriptor more every ten minutes, and shared memory that stays", () => {
  const samples = sample(() => 30_000).map((one) => ({
    ...one,
    descriptors: 40 + Math.floor(one.atSecs / 600),
    shmKib: 1024 + Math.floor(one.atSecs / 1_800),
  }));
  assertEquals(findGrowing(samples), ["descriptors", "shmKib"]);
});

Deno.test("findTrends() tells nothing of a quarter of an hour's first minutes", () => {
  assertEquals(findTrends(sample((secs) => secs * 1_000).slice(0, 80)), []);
});
