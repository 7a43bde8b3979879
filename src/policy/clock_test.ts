import { assert, assertEquals } from "@std/assert";
import { MAX_GAP_MS, SteadyClock, TICK_MS } from "./clock.ts";

Deno.test("SteadyClock.read() goes with the time while it is read often enough", () => {
  const clock = new SteadyClock(500);
  let readMs = 0;
  for (let nowMs = 500; nowMs <= 100_000; nowMs += TICK_MS) readMs = clock.read(nowMs);
  assertEquals([readMs, clock.lostMs], [99_500, 0]);
  assertEquals(clock.read(99_500 + MAX_GAP_MS), 99_500 + MAX_GAP_MS, "a busy machine");
});

Deno.test("SteadyClock.read() counts no more than one tick of a gap, and never goes back", () => {
  const clock = new SteadyClock(0);
  let lastMs = 0;
  let nowMs = 0;
  for (const gapMs of [12_000, 500, 3_600_000, 1_000, MAX_GAP_MS + 1]) {
    nowMs += gapMs;
    const readMs = clock.read(nowMs);
    assert(readMs >= lastMs && readMs - lastMs <= TICK_MS, `${readMs} after ${lastMs}`);
    lastMs = readMs;
  }
  assertEquals(clock.lostMs, nowMs - lastMs);
});
