import { assertEquals } from "@std/assert";
import { hasEnded, parseStat } from "./process_table.ts";
import { findDescendants } from "./sweep.ts";

const STAT = "42 (a (b) c) S 1 40 39 0 -1 4194560 1 0 0 0 7 3 0 0 20 0 1 0 123456 1 2 3";

Deno.test("parseStat() reads a name with blanks and parentheses", () => {
  assertEquals(parseStat(STAT), {
    pid: 42,
    parentPid: 1,
    groupId: 40,
    sessionId: 39,
    state: "S",
    threads: 1,
    startTicks: "123456",
  });
});

Deno.test("hasEnded() takes a zombie for alive while others of its threads run", () => {
  const zombie = (threads: number) =>
    parseStat(STAT.replace(" S ", " Z ").replace(" 0 1 0 1", ` 0 ${threads} 0 1`));
  assertEquals([0, 1, 2].map((threads) => hasEnded(zombie(threads))), [true, true, false]);
  assertEquals([hasEnded(undefined), hasEnded(parseStat(STAT))], [true, false]);
});

Deno.test("parseStat() refuses what is cut short", () => {
  for (const text of ["", "42", "42 (a) S 1", "x (a) S"]) assertEquals(parseStat(text), undefined);
});

Deno.test("findDescendants() finds the whole tree and nothing else", () => {
  const entry = (pid: number, parentPid: number) => ({
    pid,
    parentPid,
    groupId: 0,
    sessionId: 0,
    state: "S",
    threads: 1,
    startTicks: "1",
  });
  const table = [entry(1, 0), entry(2, 1), entry(3, 2), entry(4, 3), entry(5, 1), entry(6, 2)];
  assertEquals(findDescendants([2], table).map(({ pid }) => pid).sort(), [3, 4, 6]);
  assertEquals(findDescendants([7], table), []);
});
