import { assertEquals } from "@std/assert";
import { decideDownStep, type DownRun } from "./held_start.ts";
import type { ProcessStatus } from "./observation.ts";

const NAME = "e:e";
const RUN: DownRun = { kind: "down", run: 1, sinceMs: 0, untilMs: 1_000 };
const ENDED: ProcessStatus = {
  kind: "ended",
  exit: { kind: "code", code: 1 },
  spawnError: undefined,
};
const STOPPED: ProcessStatus = { kind: "stopped" };
const NEW: ProcessStatus = { kind: "stopped", isNew: true };
const STOPPING: ProcessStatus = { kind: "stopping" };
const alive = (pid: number): ProcessStatus => ({ kind: "alive", pid });
const ordered = { pid: undefined };
const seen = { pid: 7 };

type Case = readonly [string, Partial<DownRun>, ProcessStatus, number, object];

const CASES: readonly Case[] = [
  ["holds a pause as soon as it is swept", {}, ENDED, 1, { kind: "hold" }],
  ["holds no short pause", { untilMs: 20 }, ENDED, 1, { kind: "wait", untilMs: 20 }],
  ["starts when it is due", {}, ENDED, 1_000, { kind: "start" }],
  ["waits for a held one to be seen", { held: ordered }, ENDED, 20, {
    ...{ kind: "wait", untilMs: 1_000 },
  }],
  ["starts one that is due though it was not seen", { held: ordered }, ENDED, 1_000, {
    kind: "start",
  }],
  ["sees it", { held: ordered }, alive(7), 20, { kind: "held", pid: 7 }],
  ["lets it wait", { held: seen }, alive(7), 20, { kind: "wait", untilMs: 1_000 }],
  ["releases it", { held: seen }, alive(7), 1_000, { kind: "release", pid: 7 }],
  ["kills what an operator stops", { held: seen }, STOPPING, 20, { kind: "kill", pid: 7 }],
  ["waits for a stop before it was seen", { held: ordered }, STOPPING, 20, {
    ...{ kind: "wait", untilMs: undefined },
  }],
  ["lets an operator call it off", { held: seen }, STOPPED, 20, {
    ...{ kind: "stopped_by_operator", pid: 7 },
  }],
  ["outlives a reload", { held: seen }, NEW, 20, { kind: "forget" }],
  ["holds again if it was killed", { held: seen }, ENDED, 20, { kind: "forget" }],
  ["holds again", { holds: 4 }, ENDED, 20, { kind: "hold" }],
  ["holds no more than five times", { holds: 5 }, ENDED, 20, { kind: "wait", untilMs: 1_000 }],
  ["gives way to an operator's start", {}, alive(8), 20, {
    ...{ kind: "started_by_operator", pid: 8, wasHeld: false },
  }],
  ["gives way to an operator's restart", { held: seen }, alive(8), 20, {
    ...{ kind: "started_by_operator", pid: 8, wasHeld: true },
  }],
];

Deno.test("decideDownStep()", async (test) => {
  for (const [title, change, status, nowMs, expected] of CASES) {
    await test.step(title, () => {
      const run = { ...RUN, ...change };
      const held = new Set(run.held === undefined ? [] : [NAME]);
      const observation = { swept: new Map([[NAME, 1]]), cleared: new Map([[NAME, 1]]), held };
      assertEquals(decideDownStep(true, run, status, observation, NAME, nowMs), expected as never);
    });
  }
});

Deno.test("decideDownStep() takes for held only what was spawned so", () => {
  const step = (status: ProcessStatus) =>
    decideDownStep(
      true,
      { ...RUN, held: ordered },
      status,
      { swept: new Map(), held: new Set() },
      NAME,
      20,
    );
  // An operator was faster: the order failed, since the process was running already.
  assertEquals(step(alive(8)), { kind: "started_by_operator", pid: 8, wasHeld: false });
  assertEquals(step(ENDED), { kind: "forget" });
});

Deno.test("decideDownStep() holds while something is in the way, and starts only once it is clear", () => {
  const step = (swept: number, cleared: number, nowMs: number, canHold = true) =>
    decideDownStep(
      canHold,
      { ...RUN, run: 3, untilMs: 0 },
      ENDED,
      { swept: new Map([[NAME, swept]]), cleared: new Map([[NAME, cleared]]) },
      NAME,
      nowMs,
    );
  assertEquals(step(2, 2, 100), { kind: "wait", untilMs: undefined }, "not swept");
  assertEquals(step(3, 2, 10), { kind: "wait", untilMs: 50 }, "swept, and soon clear");
  assertEquals(step(3, 2, 50), { kind: "hold" }, "swept, and not clear for long");
  assertEquals(step(3, 2, 50, false), { kind: "wait", untilMs: undefined }, "it cannot be held");
  assertEquals(step(3, 3, 50), { kind: "start" });
  const never = { swept: new Map([[NAME, 3]]), cleared: new Map<string, number>() };
  assertEquals(decideDownStep(false, { ...RUN, run: 3, untilMs: 0 }, ENDED, never, NAME, 50), {
    ...{ kind: "wait", untilMs: undefined },
  });
});
