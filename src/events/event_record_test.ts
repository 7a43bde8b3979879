import { assertEquals } from "@std/assert";
import { renderEventRecord } from "./event_record.ts";
import type { EventPayload } from "./launch_event.ts";

const name = "llm_engine:llm_engine";
const base = { version: 1, seq: 4, ts: "1970-01-01T00:00:00.000Z" };

const CASES: readonly (readonly [EventPayload, Record<string, unknown>])[] = [
  [{ kind: "installing" }, { event: "installing" }],
  [{ kind: "spawned", name, run: 1, pid: 7 }, { event: "spawned", program: name, run: 1, pid: 7 }],
  [{ kind: "recovered", name, run: 2, pid: 7, afterMs: 1.4, downMs: 2.6 }, {
    ...{ event: "recovered", program: name, run: 2, pid: 7, duration_ms: 1, down_ms: 3 },
  }],
  [{ kind: "unhealthy", name, run: 1, pid: 7, reason: "token=hunter2" }, {
    ...{ event: "unhealthy", program: name, run: 1, pid: 7, reason: "token=***" },
  }],
  [{
    kind: "died",
    ...{ name, run: 1, pid: 7, afterMs: 20, wasStarted: true, failedStarts: 0 },
    exit: { kind: "signal", signal: "SIGKILL" },
    death: { cause: "gpu_lost", meaning: "m", evidence: ["password=x"], advice: "a" },
    next: { kind: "recovery", count: 1, limit: Infinity, delayMs: 5 },
  }, {
    ...{ event: "died", program: name, run: 1, pid: 7, attempt: 1, exit_code: 137 },
    ...{ signal: "SIGKILL", cause: "gpu_lost", duration_ms: 20, next: "recovery", delay_ms: 5 },
    ...{ was_started: true, meaning: "m", evidence: ["password=***"], advice: "a" },
  }],
  [{ kind: "swept", name, run: 1, orphans: 2, afterMs: 3 }, {
    ...{ event: "swept", program: name, run: 1, orphans: 2, duration_ms: 3 },
  }],
  [{
    kind: "program",
    name: "a:b",
    state: "ended",
    pid: undefined,
    exit: { kind: "code", code: 3 },
  }, {
    ...{ event: "program", program: "a:b", state: "ended", exit_code: 3 },
  }],
  [{ kind: "probe", reason: undefined }, { event: "probe", ok: true }],
  [{ kind: "stopping", reason: "SIGTERM came" }, { event: "stopping", reason: "SIGTERM came" }],
  [{
    kind: "gaveUp",
    outcome: { kind: "gave_up", reason: "r", lastExit: undefined },
    exit: { code: 1, text: "gave up: r" },
  }, { event: "gave_up", outcome: "gave_up", exit_code: 1, reason: "gave up: r" }],
];

for (const [happening, expected] of CASES) {
  Deno.test(`renderEventRecord() of ${happening.kind}`, () => {
    const record = renderEventRecord({ ...happening, at: new Date(0) }, 4);
    assertEquals(JSON.parse(JSON.stringify(record)), { ...base, ...expected });
  });
}
