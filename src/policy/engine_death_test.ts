import { assertEquals } from "@std/assert";
import type { Death } from "./cause.ts";
import { decideEngine } from "./engine_policy.ts";
import { type EnginePolicy, type EngineState, UNSEEN } from "./engine_state.ts";
import type { Observation, ProcessObservation, ProcessStatus } from "./observation.ts";

const NAME = "e:e";
const POLICY: EnginePolicy = {
  autostart: true,
  autorestart: "always",
  expectedCodes: new Set(),
  maxStartRetries: 3,
  maxRecoveryAttempts: 3,
  recoveryWindowMs: 60_000,
  startMs: 1_000,
  stopWaitMs: 30_000,
  hangGraceMs: 5_000,
};
const ALIVE: ProcessStatus = { kind: "alive", pid: 1 };
const ENDED: ProcessStatus = {
  kind: "ended",
  exit: { kind: "code", code: 1 },
  spawnError: undefined,
};

function look(
  status: ProcessStatus,
  more: Partial<Observation> = {},
): [ProcessObservation, Observation] {
  const process = { name: NAME, isEngine: true, isFatal: false, status };
  const supervisord = { kind: "answering" } as const;
  const swept = new Map([[NAME, Infinity]]);
  return [process, { stopSignals: [], supervisord, processes: [process], swept, ...more }];
}

const spawn = (policy: EnginePolicy = POLICY): EngineState =>
  decideEngine(policy, UNSEEN, ...look(ALIVE), 0).state;

Deno.test("decideDeath() takes a run that lasted for exactly startsecs for a start that succeeded", () => {
  const cases: [diedMs: number, failedStarts: number, recoveries: number][] = [
    [POLICY.startMs - 1, 1, 0],
    [POLICY.startMs, 0, 1],
  ];
  for (const [diedMs, failedStarts, recoveries] of cases) {
    const { state } = decideEngine(POLICY, spawn(), ...look(ENDED), diedMs);
    assertEquals([state.failedStarts, state.recoveriesMs.length], [failedStarts, recoveries]);
  }
  const { state: { run } } = decideEngine(POLICY, spawn(), ...look(ALIVE), POLICY.startMs);
  assertEquals(run.kind === "up" && run.startedAtMs, POLICY.startMs, "seen alive just then");
});

Deno.test("decideDeath() remembers no recoveries that nothing limits", () => {
  const policy = { ...POLICY, maxRecoveryAttempts: Infinity };
  const { state, events = [] } = decideEngine(policy, spawn(policy), ...look(ENDED), 2_000);
  assertEquals(state.recoveriesMs, []);
  const [event] = events;
  assertEquals(event?.kind === "died" && event.next.kind, "recovery");
});

Deno.test("decideDeath() tells why a run was stopped before what its log says", () => {
  const death: Death = {
    ...{ cause: "hang", meaning: "it stopped making progress", advice: "" },
    evidence: ["one", "two", "three"],
  };
  const sick = { unhealthy: new Map([[NAME, { reason: "no answer", cause: undefined }]]) };
  const { state } = decideEngine(POLICY, spawn(), ...look(ALIVE, sick), 2_000);
  const deaths = new Map([[NAME, death]]);
  const { events = [] } = decideEngine(
    POLICY,
    state,
    ...look({ kind: "stopped" }, { deaths }),
    3_000,
  );
  const [event] = events;
  assertEquals(event?.kind === "died" && event.death?.evidence, [
    ...["unhealthy: no answer", "one", "two"],
  ]);
});

Deno.test("decideDeath() counts a run that died before it was seen", () => {
  const { state } = decideEngine(POLICY, UNSEEN, ...look({ kind: "stopped" }), 0);
  const { events = [] } = decideEngine(POLICY, state, ...look(ENDED), 10);
  const [event] = events;
  assertEquals(event?.kind === "died" && [event.run, event.pid], [1, undefined]);
});
