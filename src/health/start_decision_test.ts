import { assertEquals } from "@std/assert";
import type { PortView } from "../cleanup/listeners.ts";
import {
  decideStart,
  readFailure,
  readStatus,
  type StartAnswer,
  type StartVerdict,
  UNASKED,
} from "./start_decision.ts";

const READY: StartAnswer = { kind: "ready" };
const CLOSED: StartAnswer = { kind: "loading", isClosed: true };
const BUSY: StartAnswer = { kind: "loading", isClosed: false };
const LOST: StartAnswer = { kind: "unaskable", text: "no route" };

Deno.test("readStatus() takes what answers for up, unless it says that it loads", () => {
  for (const status of [200, 204, 302, 401, 403, 404, 405]) {
    assertEquals(readStatus(status), READY, String(status));
  }
  for (const status of [400, 429, 500, 502, 503]) {
    assertEquals(readStatus(status), BUSY, String(status));
  }
});

Deno.test("readFailure() tells a port that is not open yet from one that cannot be asked", () => {
  const cases: [string[], StartAnswer["kind"]][] = [
    [["ECONNREFUSED"], "loading"],
    [["EADDRNOTAVAIL", "ECONNREFUSED"], "loading"], // localhost, where IPv6 is off
    [["EADDRNOTAVAIL"], "unaskable"],
    [["EHOSTUNREACH"], "unaskable"],
    [["ENOTFOUND"], "unaskable"],
    [["EAI_AGAIN"], "unaskable"],
    [["NotCapable"], "unaskable"],
    [["ECONNRESET"], "unaskable"], // TLS, where none was expected
    [["TimeoutError"], "loading"],
    [[], "loading"],
  ];
  for (const [codes, kind] of cases) {
    assertEquals(readFailure(codes, "x").kind, kind, codes.join());
  }
  assertEquals(readFailure(["ECONNREFUSED"], "x"), CLOSED);
});

const view = (owner: PortView["owner"], elsewhere?: number): PortView => ({ owner, elsewhere });

/** The verdict after answers a second apart; a start may take ten. */
function judge(
  looks: readonly (readonly [StartAnswer, PortView?])[],
): [StartVerdict["kind"], number] {
  let state = UNASKED;
  for (const [index, [answer, seen]] of looks.entries()) {
    const look = { answer, view: seen, afterMs: index * 1_000 };
    const decision = decideStart(state, look, 8000, 10_000);
    if (decision.verdict.kind !== "waiting") return [decision.verdict.kind, index];
    state = decision.state;
  }
  return ["waiting", looks.length];
}

Deno.test("decideStart() waits half a minute for a port that a stranger holds", () => {
  const look = { answer: READY, view: view("stranger") };
  const judgeAfter = (afterMs: number) =>
    decideStart(UNASKED, { ...look, afterMs }, 8000, 1_800_000).verdict.kind;
  assertEquals(judgeAfter(29_999), "waiting");
  assertEquals(judgeAfter(30_000), "given_up");
});

Deno.test("decideStart() waits for an answer, and never for what cannot come", () => {
  const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);
  const cases: [string, [StartAnswer, PortView?][], [StartVerdict["kind"], number]][] = [
    ["loads, then answers", [[CLOSED], [BUSY], [READY]], ["ready", 2]],
    ["its own port", [[READY, view("ours")]], ["ready", 0]],
    ["nobody knows whose", [[READY, view("unknown")]], ["ready", 0]],
    ["a stranger's", many(11, [READY, view("stranger")]), ["given_up", 10]],
    ["a stranger's, it has another", many(2, [READY, view("stranger", 9000)]), ["given_up", 1]],
    ["a stranger's, and it dies", [[READY, view("stranger")], [READY, view("unknown")]], [
      "waiting",
      2,
    ]],
    ["a stranger's at first", [[READY, view("stranger")], [READY, view("ours")]], ["ready", 1]],
    ["another network", [[CLOSED, view("apart")]], ["given_up", 0]],
    ["still closed", many(9, [CLOSED, view("nobody")]), ["waiting", 9]],
    ["no route", [[LOST], [LOST], [LOST]], ["given_up", 2]],
    ["no route at first", [[LOST], [LOST], [CLOSED], [LOST], [READY]], ["ready", 4]],
    ["another port", [[CLOSED, view("nobody", 9000)], [CLOSED], [CLOSED, view("nobody", 9000)]], [
      "given_up",
      2,
    ]],
    ["gRPC first", [[CLOSED, view("nobody", 8001)], [CLOSED, view("ours")], [READY]], [
      "ready",
      2,
    ]],
    ["ports that come and go", [
      [CLOSED, view("nobody", 9000)],
      [CLOSED, view("nobody", 9001)],
      [CLOSED, view("nobody")],
      [CLOSED, view("nobody", 9000)],
    ], ["waiting", 4]],
    ["never", many(20, [BUSY]), ["given_up", 10]],
  ];
  for (const [what, looks, expected] of cases) assertEquals(judge(looks), expected, what);
});
