import { assert, assertEquals } from "@std/assert";
import type { LaunchEvent } from "../../src/events/launch_event.ts";
import { STATES } from "../../src/status/situation.ts";
import { advanceStatus, INITIAL_STATUS } from "../../src/status/status.ts";
import { renderStatus } from "../../src/status/status_document.ts";
import { findSchemaErrors, SCHEMA_STATES } from "../support/status_schema.ts";

// Every state's document is as docs/status.schema.json says, held against it by a validator that others keep.

const at = new Date(0);
const name = "llm_engine:llm_engine";
const exit = { kind: "signal", signal: "SIGSEGV" } as const;

const INSTANCE = {
  pid: 7,
  startTicks: "1",
  pidNamespace: "pid:[1]",
  supervisordPid: 8,
  version: "0.1.0",
  startedAt: at,
  configPath: "/tmp/supervisord.conf",
  engine: "generic",
  command: ["x"],
  engineNames: new Set([name]),
  limits: new Map([[name, {
    maxStartRetries: 3,
    maxRecoveryAttempts: Infinity,
    recoveryWindowMs: 1000,
  }]]),
};

const spawned: LaunchEvent = { kind: "spawned", name, run: 1, pid: 9, at };
const started: LaunchEvent = { kind: "started", name, run: 1, pid: 9, afterMs: 1, at };
const died = (delayMs: number): LaunchEvent => ({
  kind: "died",
  ...{ name, run: 1, pid: 9, exit, afterMs: 2, wasStarted: true, failedStarts: 0 },
  death: { cause: "unknown", meaning: "m", evidence: ["a", "b"], advice: "d" },
  next: { kind: "recovery", count: 1, limit: Infinity, delayMs },
  at,
});
const hopeless: LaunchEvent = {
  kind: "died",
  ...{ name, run: 1, pid: undefined, exit: undefined, afterMs: 2, wasStarted: false },
  ...{ failedStarts: 4, death: undefined, next: { kind: "none", rule: "start_limit" }, at },
};
const stopping: LaunchEvent = { kind: "stopping", reason: "SIGTERM came", at };
const program = (state: "fatal" | "ended" | "stopped" | "running"): LaunchEvent => ({
  ...{
    kind: "program",
    name: `side:${state}`,
    state,
    pid: state === "running" ? 3 : undefined,
    at,
  },
  exit: state === "running" ? undefined : exit,
});

const CASES: readonly (readonly [state: typeof STATES[number], ...LaunchEvent[]])[] = [
  ["loading"],
  ["installing", { kind: "installing", at }],
  ["loading", spawned, { kind: "probe", reason: "no answer", at }],
  ["running", spawned, started, { kind: "probe", reason: undefined, at }, program("running")],
  ["backing_off", spawned, started, died(60_000)],
  ["recovering", spawned, started, died(0), {
    ...{ kind: "swept", name, run: 1, orphans: 2, afterMs: 3, at },
  }],
  ["unhealthy", spawned, started, {
    ...{ kind: "unhealthy", name, run: 1, pid: 9, reason: "no answer", at },
  }],
  ["draining", spawned, started, stopping, program("fatal")],
  ["stopped", spawned, { kind: "halted", name, run: 1, at }, program("stopped"), program("ended")],
  ["gave_up", spawned, hopeless, stopping],
  ["gave_up", spawned, hopeless, {
    ...{ kind: "gaveUp", outcome: { kind: "gave_up", reason: "r", lastExit: exit }, at },
    exit: { code: 1, text: "gave up" },
  }],
  ["ended", spawned, {
    ...{ kind: "stopped", outcome: { kind: "stopped", by: "SIGTERM" }, at },
    exit: { code: 0, text: "stopped" },
  }],
];

for (const [state, ...events] of CASES) {
  Deno.test(`renderStatus() of ${state} after ${events.length} events is as the schema says`, () => {
    const status = events.reduce(advanceStatus, INITIAL_STATUS);
    const document = renderStatus(status, INSTANCE, new Date(1));
    assertEquals(document.state, state);
    assertEquals(findSchemaErrors(JSON.parse(JSON.stringify(document))), []);
  });
}

Deno.test("docs/status.schema.json has the states that there are, and no others", () => {
  assertEquals(SCHEMA_STATES, [...STATES]);
});

Deno.test("findSchemaErrors() sees a missing field, a wrong type and an unknown state", () => {
  const document = JSON.parse(JSON.stringify(renderStatus(INITIAL_STATUS, INSTANCE, at)));
  for (const change of [{ programs: undefined }, { ready: "yes" }, { state: "asleep" }]) {
    const broken = JSON.parse(JSON.stringify({ ...document, ...change }));
    assert(findSchemaErrors(broken).length > 0, JSON.stringify(change));
  }
});
