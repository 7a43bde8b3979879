import { assertEquals } from "@std/assert";
import { renderDuration } from "./duration.ts";

Deno.test("renderDuration() says the two largest units", () => {
  const rows: [number, string][] = [
    [-1, "0 s"],
    [3.4, "0.0034 s"],
    [254, "0.25 s"],
    [1_000, "1 s"],
    [9_949, "9.9 s"],
    [9_951, "10 s"],
    [59_999, "1 min"],
    [61_000, "1 min 1 s"],
    [3_600_000, "1 h"],
    [59_400, "59 s"],
    [200_000, "3 min 20 s"],
    [187_200_000, "2 d 4 h"],
    [7_500_000, "2 h 5 min"],
    [90_061_000, "1 d 1 h"],
  ];
  for (const [ms, text] of rows) assertEquals(renderDuration(ms), text);
});
