import { assertEquals } from "@std/assert";
import { findDescendants, isWalkCheaper } from "../processes/descent.ts";
import { hasEnded, type Look, parseStat } from "./process_table.ts";

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

function look(text: string): Look {
  const process = parseStat(text);
  return process === undefined ? { kind: "unknown" } : { kind: "present", process };
}

Deno.test("hasEnded() takes a zombie for alive while others of its threads run", () => {
  const zombie = (threads: number) =>
    look(STAT.replace(" S ", " Z ").replace(" 0 1 0 1", ` 0 ${threads} 0 1`));
  assertEquals([0, 1, 2].map((threads) => hasEnded(zombie(threads))), [true, true, false]);
});

Deno.test("hasEnded() reads unknown neither as dead nor as alive", () => {
  assertEquals(hasEnded(look(STAT)), false);
  assertEquals(hasEnded({ kind: "gone" }), true);
  assertEquals(hasEnded({ kind: "unknown" }), undefined);
});

Deno.test("isWalkCheaper() goes by what there is to read", () => {
  const cases: [number | undefined, number, number, boolean][] = [
    [20_000, 12, 3_000, true],
    [40, 12, 3_000, false],
    [20, 12, 12, true],
    [undefined, 12, 3_000, true],
  ];
  for (const [processes, members, threads, cheaper] of cases) {
    assertEquals(isWalkCheaper({ processes, members, threads }), cheaper);
  }
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
  assertEquals(findDescendants(2, table).map(({ pid }) => pid).sort(), [3, 4, 6]);
  assertEquals(findDescendants(7, table), []);
});
