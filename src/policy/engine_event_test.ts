import { assertEquals } from "@std/assert";
import { decide, INITIAL_STATE, type Policy } from "./policy.ts";
import type { EngineEvent } from "./engine_event.ts";
import type { Observation, ProcessStatus } from "./observation.ts";

const NAME = "llm_engine:llm_engine";

const POLICY: Policy = {
  programs: new Map([[NAME, {
    autostart: true,
    autorestart: "always",
    expectedCodes: new Set(),
    maxStartRetries: 1,
    maxRecoveryAttempts: 1,
    recoveryWindowMs: 3_600_000,
    startMs: 1_000,
    stopWaitMs: 10_000,
    hangGraceMs: 5_000,
  }]]),
  shutdownGraceMs: 10_000,
};

const CODE_3 = { kind: "code", code: 3 } as const;
const ENDED: ProcessStatus = { kind: "ended", exit: CODE_3, spawnError: undefined };
const alive = (pid: number): ProcessStatus => ({ kind: "alive", pid });

/** What the policy tells while it sees these, one after another; every death is swept at once. */
function follow(
  steps: readonly (readonly [nowMs: number, status: ProcessStatus, more?: Partial<Observation>])[],
): EngineEvent[] {
  let state = INITIAL_STATE;
  return steps.flatMap(([nowMs, status, more = {}]) => {
    const decision = decide(POLICY, state, {
      stopSignals: [],
      supervisord: { kind: "answering" },
      processes: [{ name: NAME, isEngine: true, isFatal: false, status }],
      swept: new Map([[NAME, Infinity]]),
      ...more,
    }, nowMs);
    state = decision.state;
    return decision.events ?? [];
  });
}

Deno.test("decide() tells of a start, a death, a recovery and the last death, each once", () => {
  assertEquals(
    follow([
      [0, alive(7)],
      [500, alive(7)],
      [1_200, alive(7)],
      [1_300, alive(7)],
      [20_000, ENDED],
      [20_001, ENDED],
      [20_010, alive(8)],
      [21_010, alive(8)],
      [40_000, ENDED],
    ]),
    [
      { kind: "spawned", name: NAME, run: 1, pid: 7 },
      { kind: "started", name: NAME, run: 1, pid: 7, afterMs: 1_200 },
      {
        kind: "died",
        name: NAME,
        run: 1,
        pid: 7,
        exit: CODE_3,
        afterMs: 20_000,
        wasStarted: true,
        failedStarts: 0,
        death: undefined,
        next: { kind: "recovery", count: 1, limit: 1, delayMs: 0 },
      },
      { kind: "spawned", name: NAME, run: 2, pid: 8 },
      { kind: "recovered", name: NAME, run: 2, pid: 8, afterMs: 1_009, downMs: 1_010 },
      {
        kind: "died",
        name: NAME,
        run: 2,
        pid: 8,
        exit: CODE_3,
        afterMs: 19_999,
        wasStarted: true,
        failedStarts: 0,
        death: undefined,
        next: { kind: "none", rule: "recovery_limit" },
      },
    ],
  );
});

Deno.test("decide() tells how long the retry of a failed start waits", () => {
  assertEquals(follow([[0, alive(7)], [10, ENDED]]), [
    { kind: "spawned", name: NAME, run: 1, pid: 7 },
    {
      kind: "died",
      name: NAME,
      run: 1,
      pid: 7,
      exit: CODE_3,
      afterMs: 10,
      wasStarted: false,
      failedStarts: 1,
      death: undefined,
      next: { kind: "retry", count: 1, limit: 1, delayMs: 1_000 },
    },
  ]);
});

Deno.test("decide() tells why an engine is unhealthy, once", () => {
  const ready = { ready: new Set([NAME]) };
  const sick = {
    ...ready,
    unhealthy: new Map([[NAME, { reason: "no answer", cause: undefined }]]),
  };
  const events = follow([
    [0, alive(7), ready],
    [1_000, alive(7), ready],
    [5_000, alive(7), sick],
    [6_000, alive(7), sick],
    [7_000, { kind: "stopped" }, sick],
  ]);
  assertEquals(events.map(({ kind }) => kind), ["spawned", "started", "unhealthy", "died"]);
  assertEquals(events[2], {
    kind: "unhealthy",
    name: NAME,
    run: 1,
    pid: 7,
    reason: "unhealthy: no answer",
  });
});
