import { assertEquals } from "@std/assert";
import { findNextNotice, renderProgress } from "./progress.ts";

Deno.test("findNextNotice() comes after 10, 30 and 60 s, then every 5 min, never at once", () => {
  const notices: number[] = [];
  for (let secs = 0; secs < 1_000;) notices.push(secs = findNextNotice(secs * 1000) / 1000);
  assertEquals(notices, [10, 30, 60, 300, 600, 900, 1_200]);
  // A timer that is late tells of it once, and not again for what was missed.
  assertEquals(findNextNotice(59_999), 60_000);
  assertEquals(findNextNotice(1_234_567), 1_500_000);
  // One that fires early does not tell it twice.
  assertEquals(findNextNotice(9_999.4, 10_000), 30_000);
  assertEquals(findNextNotice(299_999.7, 300_000), 600_000);
});

Deno.test("renderProgress() tells how long, of how long at most, and what is known", () => {
  assertEquals(renderProgress("x still loads", 30_000, undefined), "x still loads: 30 s");
  assertEquals(
    renderProgress("x still loads", 30_000, 1_800_000, "its probe: no answer"),
    "x still loads: 30 s of 30 min at most; its probe: no answer",
  );
});

Deno.test("renderProgress() names no limit that is over", () => {
  assertEquals(renderProgress("vllm still loads", 10_000, 1_000), "vllm still loads: 10 s");
});
