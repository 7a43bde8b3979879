import { assertEquals } from "@std/assert";
import { Places } from "./places.ts";

const COMMON = 100;

function lying(groupId: number, sessionId: number) {
  return {
    ...{ pid: 7, parentPid: 1, groupId, sessionId },
    ...{ state: "S", threads: 1, startTicks: "1" },
  };
}

Deno.test("Places tells a program by what it shares with no other, its group first", () => {
  const places = new Places();
  places.note(lying(200, COMMON), "a", COMMON);
  places.note(lying(300, 300), "b", COMMON);
  places.note(lying(400, 300), "b", COMMON);
  assertEquals(places.list(lying(200, 300)), ["a", "b"]);
  assertEquals(places.list(lying(500, 300)), ["b"]);
  assertEquals(places.list(lying(500, COMMON)), []);
  places.note(lying(300, 300), "a", COMMON);
  assertEquals(places.list(lying(300, 300)), []);
  places.note(lying(600, 600), undefined, COMMON);
  assertEquals(places.list(lying(600, 600)), []);
});

Deno.test("Places forgets the oldest of too many", () => {
  const places = new Places();
  for (let at = 1; at <= 1_001; at++) places.note(lying(1_000 + at, 1_000 + at), "a", COMMON);
  assertEquals(places.list(lying(1_001, 1_001)), []);
  assertEquals(places.list(lying(1_002, 1_002)), ["a", "a"]);
});
