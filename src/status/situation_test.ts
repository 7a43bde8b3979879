import { assertEquals } from "@std/assert";
import type { EventPayload } from "../events/launch_event.ts";
import type { Instance } from "./instance.ts";
import { describeSituation } from "./situation.ts";
import { advanceStatus, INITIAL_STATUS, type SupervisionStatus } from "./status.ts";
import { renderStatus } from "./status_document.ts";

const NAME = "llm_engine:llm_engine";
const INSTANCE: Instance = {
  pid: 1,
  startTicks: "7",
  supervisordPid: 2,
  version: "0.0.0",
  startedAt: new Date(0),
  configPath: "/tmp/supervisord.conf",
  engine: "generic",
  command: ["serve"],
  engineNames: new Set([NAME]),
  limits: new Map([[NAME, {
    maxStartRetries: 3,
    maxRecoveryAttempts: 3,
    recoveryWindowMs: 60_000,
  }]]),
};

const spawned = (run: number): EventPayload => ({ kind: "spawned", name: NAME, run, pid: run + 9 });
const started: EventPayload = { kind: "started", name: NAME, run: 1, pid: 10, afterMs: 1 };
const died = (next: Extract<EventPayload, { kind: "died" }>["next"]): EventPayload => ({
  ...{ kind: "died", name: NAME, run: 1, pid: 10, exit: { kind: "signal", signal: "SIGSEGV" } },
  ...{ afterMs: 1, wasStarted: true, failedStarts: 0, next },
  death: {
    cause: "segfault_abort",
    meaning: "it crashed in native code",
    evidence: ["HF_TOKEN=hunter2 Segmentation fault"],
    advice: "a",
  },
});
const recovery = died({ kind: "recovery", count: 1, limit: 3, delayMs: 0 });
const backOff = died({ kind: "recovery", count: 2, limit: 3, delayMs: 5_000 });
const hopeless = died({ kind: "none", rule: "recovery_limit" });
const unhealthy: EventPayload = {
  ...{ kind: "unhealthy", name: NAME, run: 1, pid: 10, reason: "unhealthy: no answer" },
};
const stopping: EventPayload = { kind: "stopping", reason: "SIGTERM came" };
const ended = (code: number): EventPayload => ({
  kind: code === 0 ? "stopped" : "gaveUp",
  outcome: { kind: "stopped", by: "SIGTERM" },
  exit: { code, text: "t" },
});

const fold = (events: readonly EventPayload[]): SupervisionStatus =>
  events.reduce<SupervisionStatus>(
    (status, event, index) => advanceStatus(status, { ...event, at: new Date(1_000 * index) }),
    INITIAL_STATUS,
  );

Deno.test("describeSituation() tells each state, and whether it is ready and healthy", () => {
  const cases: readonly (readonly [readonly EventPayload[], string, boolean, boolean])[] = [
    [[], "loading", false, false],
    [[{ kind: "installing" }], "installing", false, false],
    [[{ kind: "installing" }, { kind: "installed" }], "loading", false, false],
    [[spawned(1)], "loading", false, false],
    [[spawned(1), started], "running", true, true],
    [[spawned(1), started, unhealthy], "unhealthy", false, false],
    [[spawned(1), started, recovery], "recovering", false, false],
    [[spawned(1), started, backOff], "backing_off", false, false],
    [[spawned(1), started, recovery, spawned(2)], "recovering", false, false],
    [[spawned(1), started, { kind: "halted", name: NAME, run: 1 }], "stopped", false, false],
    [[spawned(1), started, stopping], "draining", false, true],
    [[spawned(1), stopping], "draining", false, false],
    [[spawned(1), started, hopeless], "gave_up", false, false],
    [[spawned(1), started, hopeless, stopping, ended(1)], "gave_up", false, false],
    [[spawned(1), started, stopping, ended(0)], "ended", false, false],
  ];
  for (const [events, state, ready, healthy] of cases) {
    const status = fold(events);
    const now = new Date(1_000 * Math.max(0, events.length - 1));
    const situation = describeSituation(status, INSTANCE, now);
    const told = [situation.state, situation.ready, situation.healthy];
    assertEquals(told, [state, ready, healthy], JSON.stringify(events));
  }
});

Deno.test("describeSituation() says what happened, why, and what comes when", () => {
  const status = fold([spawned(1), started, backOff]);
  assertEquals(
    describeSituation(status, INSTANCE, new Date(4_000)).reason,
    `${NAME}: it ended with SIGSEGV (segfault_abort); recovery 2 of 3 in 3 s`,
  );
});

Deno.test("renderStatus() counts what is left of the budget, and shows no secret", () => {
  const status = fold([spawned(1), started, recovery]);
  const document = renderStatus(status, INSTANCE, new Date(2_000));
  assertEquals(document.programs[0]?.recoveries, {
    ...{ used: 1, limit: 3, left: 2, window_secs: 60 },
    began_at: [new Date(2_000).toISOString()],
  });
  assertEquals(document.runs[0]?.evidence, ["HF_TOKEN=*** Segmentation fault"]);
  const later = renderStatus(status, INSTANCE, new Date(63_000));
  assertEquals(later.programs[0]?.recoveries?.left, 3);
});
