import { assert, assertEquals } from "@std/assert";
import type { LaunchEvent } from "../events/launch_event.ts";
import { refreshStatus } from "./refresh_status.ts";
import { advanceStatus, INITIAL_STATUS } from "./status.ts";
import { renderStatus } from "./status_document.ts";
import { renderStatusLine, renderStatusTable } from "./status_table.ts";

const name = "llm_engine:llm_engine";
const at = (secs: number) => new Date(secs * 1000);

const INSTANCE = {
  pid: 7,
  startTicks: "1",
  supervisordPid: 8,
  version: "0.1.0",
  startedAt: at(0),
  configPath: "/tmp/supervisord.conf",
  engine: "vllm",
  command: ["vllm", "serve"],
  engineNames: new Set([name]),
  limits: new Map([[name, {
    maxStartRetries: 3,
    maxRecoveryAttempts: 3,
    recoveryWindowMs: 60_000,
  }]]),
};

const DEATH: LaunchEvent = {
  kind: "died",
  ...{ name, run: 1, pid: 9, afterMs: 20_000, wasStarted: true, failedStarts: 0 },
  exit: { kind: "signal", signal: "SIGKILL" },
  death: {
    cause: "host_out_of_memory",
    meaning: "the machine or the container has too little memory",
    evidence: ["oom\u001b[2J\r\nkilled"],
    advice: "Raise the limit.",
  },
  next: { kind: "recovery", count: 2, limit: 3, delayMs: 4_000 },
  at: at(20),
};

const EVENTS: readonly LaunchEvent[] = [
  { kind: "spawned", name, run: 1, pid: 9, at: at(0) },
  { kind: "started", name, run: 1, pid: 9, afterMs: 5_000, at: at(5) },
  DEATH,
];

const DOCUMENT = renderStatus(EVENTS.reduce(advanceStatus, INITIAL_STATUS), INSTANCE, at(20));

function render(secs: number, isColoured = false): string {
  const now = at(secs);
  return renderStatusTable(refreshStatus(DOCUMENT, now), { now, isColoured });
}

Deno.test("renderStatusTable() tells what happened, why, and what happens next and when", () => {
  const lines = render(22).split("\n");
  const row = lines.find((line) => line.startsWith(name)) ?? "";
  assertEquals(row.split(/ {2,}/), [
    name,
    "backing_off",
    "-",
    "-",
    "1",
    "1 used, 2 left",
    "SIGKILL (host_out_of_memory)",
    "recovery in 2 s",
  ]);
  const run = lines.find((line) => line.startsWith("1  ")) ?? "";
  assertEquals(run.trim().split(/ {2,}/), [
    ...["1", name, "1970-01-01T00:00:00Z", "5 s", "20 s", "SIGKILL"],
    ...["host_out_of_memory", "recovery 2 of 3"],
  ]);
  assert(render(22).includes("ready: no, healthy: no"), render(22));
  assert(render(22).includes("Raise the limit."), render(22));
});

Deno.test("renderStatusTable() shows evidence harmless, and colours only where asked to", () => {
  // deno-lint-ignore no-control-regex -- control characters are what it is about
  assertEquals(/[\x00-\x09\x0b-\x1f]/.test(render(22)), false, render(22));
  assert(render(22).includes("  oom\ufffd[2J\ufffd\ufffdkilled"), render(22));
  assert(render(22, true).includes("\x1b[31mbacking_off"), render(22, true));
});

Deno.test("refreshStatus() lets a pause end and recoveries leave their window", () => {
  const [early, late, later] = [22, 25, 81].map((secs) => refreshStatus(DOCUMENT, at(secs)));
  assertEquals([early?.state, late?.state], ["backing_off", "recovering"]);
  assertEquals(
    [early, late].map((status) => status?.reason.split("; ")[1]),
    ["recovery 2 of 3 in 2 s", "recovery 2 of 3 is under way"],
  );
  assertEquals(early?.programs[0]?.recoveries?.left, 2);
  assertEquals(later?.programs[0]?.recoveries, {
    ...{ used: 0, limit: 3, left: 3, window_secs: 60, began_at: [] },
  });
});

Deno.test("renderStatusLine() is one line", () => {
  const line = renderStatusLine(DOCUMENT, at(20));
  assertEquals(
    line,
    `1970-01-01T00:00:20.000Z backing_off: ${name}: it ended with SIGKILL (host_out_of_memory); ` +
      "recovery 2 of 3 in 4 s",
  );
});
