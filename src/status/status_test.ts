import { assertEquals } from "@std/assert";
import type { LaunchEvent } from "../events/launch_event.ts";
import { advanceStatus, INITIAL_STATUS } from "./status.ts";

const at = new Date(0);
const name = "llm_engine:llm_engine";
const exit = { kind: "signal", signal: "SIGSEGV" } as const;

Deno.test("advanceStatus() follows an engine from its start to the end", () => {
  const events: LaunchEvent[] = [
    { kind: "spawned", name, run: 1, pid: 7, at },
    { kind: "started", name, run: 1, pid: 7, afterMs: 1, at },
    {
      kind: "died",
      name,
      run: 1,
      pid: 7,
      exit,
      afterMs: 2,
      wasStarted: true,
      failedStarts: 0,
      death: undefined,
      next: { kind: "recovery", count: 1, limit: 3, delayMs: 0 },
      at,
    },
    { kind: "spawned", name, run: 2, pid: 8, at },
    { kind: "recovered", name, run: 2, pid: 8, afterMs: 1, downMs: 3, at },
    { kind: "unhealthy", name, run: 2, pid: 8, reason: "no answer", at },
    {
      kind: "stopped",
      outcome: { kind: "stopped", by: "SIGTERM" },
      exit: { code: 0, text: "" },
      at,
    },
  ];
  let status = INITIAL_STATUS;
  const seen = events.map((event) => {
    status = advanceStatus(status, event);
    const [engine] = status.engines;
    return [status.phase, engine?.state, engine?.pid, engine?.starts];
  });
  assertEquals(seen, [
    ["starting", "loading", 7, 1],
    ["serving", "serving", 7, 1],
    ["recovering", "down", undefined, 1],
    ["recovering", "loading", 8, 2],
    ["serving", "serving", 8, 2],
    ["recovering", "unhealthy", 8, 2],
    ["ended", "down", undefined, 2],
  ]);
  assertEquals(status.engines[0]?.lastExit, exit);
});

Deno.test("advanceStatus() keeps the processes of one engine apart, and a stop a stop", () => {
  const other = "llm_engine:1";
  let status = advanceStatus(INITIAL_STATUS, { kind: "spawned", name, run: 1, pid: 7, at });
  status = advanceStatus(status, { kind: "spawned", name: other, run: 1, pid: 8, at });
  status = advanceStatus(status, { kind: "started", name, run: 1, pid: 7, afterMs: 1, at });
  assertEquals(status.phase, "starting");
  status = advanceStatus(status, { kind: "started", name: other, run: 1, pid: 8, afterMs: 1, at });
  assertEquals(status.phase, "serving");
  status = { ...status, phase: "stopping" };
  assertEquals(
    advanceStatus(status, { kind: "spawned", name, run: 2, pid: 9, at }).phase,
    "stopping",
  );
});

Deno.test("advanceStatus() counts a start that died before it was seen", () => {
  const next = { kind: "retry", count: 1, limit: 3, delayMs: 1_000 } as const;
  const unseen = { kind: "died", name, pid: undefined, exit, afterMs: 0, next } as const;
  const status = [1, 2].map((run): LaunchEvent => ({
    ...{ ...unseen, run, wasStarted: false, failedStarts: run, death: undefined, at },
  })).reduce(advanceStatus, INITIAL_STATUS);
  assertEquals([status.engines[0]?.starts, status.runs.length], [2, 2]);
});
