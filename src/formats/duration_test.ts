import { assertEquals } from "@std/assert";
import { renderDuration } from "./duration.ts";

Deno.test("renderDuration() gives the two largest units", () => {
  const cases: [number, string][] = [
    [-5, "0.0 s"],
    [432, "0.4 s"],
    [9_949, "9.9 s"],
    [9_960, "10 s"],
    [59_400, "59 s"],
    [60_000, "1 min"],
    [200_000, "3 min 20 s"],
    [3_600_000, "1 h"],
    [18_120_000, "5 h 2 min"],
    [187_200_000, "2 d 4 h"],
  ];
  for (const [ms, text] of cases) assertEquals(renderDuration(ms), text);
});
