import { assertEquals } from "@std/assert";
import { findNextMs } from "./look_timer.ts";

Deno.test("findNextMs() waits twice as long each time, and the least time after somebody new", () => {
  const waits = [0];
  for (let look = 0; look < 7; look++) waits.push(findNextMs(waits.at(-1)!, 0.5, 5_000));
  assertEquals(waits, [0, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  assertEquals(findNextMs(0, 0.5, 5_000), 250);
  assertEquals(findNextMs(800, 0.5, 1_000), 1_000);
});

Deno.test("findNextMs() gives looks 4 ms a second at most, also more time than the most", () => {
  assertEquals(findNextMs(0, 4, 5_000), 1_000);
  assertEquals(findNextMs(5_000, 40, 5_000), 10_000);
  assertEquals(
    findNextMs(10_000, 0.5, 5_000),
    5_000,
    "one that was held up says nothing of the next",
  );
});
