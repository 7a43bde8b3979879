import { assertEquals } from "@std/assert";
import { REPEAT_ORDER_MS } from "./unhealthy.ts";
import type { EnginePolicy } from "./engine_state.ts";
import type { Observation, ProcessObservation, ProcessStatus } from "./observation.ts";
import { decide, type Decision, INITIAL_STATE, type Policy } from "./policy.ts";

const LIMITS: EnginePolicy = {
  autostart: true,
  autorestart: "always",
  expectedCodes: new Set(),
  maxStartRetries: 3,
  maxRecoveryAttempts: 3,
  recoveryWindowMs: 60_000,
  startMs: 1_000,
  stopWaitMs: 30_000,
  hangGraceMs: 20_000,
};
const POLICY: Policy = { programs: new Map([["e:e", LIMITS]]), shutdownGraceMs: 35_000 };

const engine = (status: ProcessStatus): ProcessObservation => ({
  ...{ name: "e:e", isEngine: true, isFatal: false, status },
});
const CALM: Observation = {
  stopSignals: [],
  supervisord: { kind: "answering" },
  processes: [engine({ kind: "alive", pid: 1 })],
  swept: new Map(),
};
const SHUT_DOWN = { kind: "ended", code: 0, signal: undefined, hasAnswered: true } as const;

const kinds = ({ actions }: Decision) =>
  actions.map(({ kind }) => kind).filter((kind) => kind !== "report");

/** What is ordered at each of these looks, one after another. */
function follow(
  policy: Policy,
  looks: readonly (readonly [nowMs: number, more: Partial<Observation>])[],
): { readonly orders: string[][]; readonly last: Decision } {
  let last: Decision = { state: INITIAL_STATE, actions: [], wakeAtMs: undefined };
  const orders = looks.map(([nowMs, more]) => {
    last = decide(policy, last.state, { ...CALM, ...more }, nowMs);
    return kinds(last);
  });
  return { orders, last };
}

Deno.test("decide() kills at a second signal long before the grace is over", () => {
  const { orders } = follow(POLICY, [
    [0, { stopSignals: ["SIGTERM"] }],
    [1_000, { stopSignals: ["SIGTERM"] }],
    [2_000, { stopSignals: ["SIGTERM", "SIGINT"] }],
  ]);
  assertEquals(orders, [["shutdown"], [], ["kill"]]);
});

Deno.test("decide() gives what is left its grace after `supervisorctl shutdown`, and a first signal kills nobody", () => {
  const waiting = { supervisord: SHUT_DOWN, stop: { isWaiting: true, killed: [] } };
  const { orders, last } = follow(POLICY, [
    [0, waiting],
    [1_000, { ...waiting, stopSignals: ["SIGTERM"] }],
    [2_000, { ...waiting, stopSignals: ["SIGTERM", "SIGTERM"] }],
  ]);
  assertEquals(orders, [[], [], ["kill"]]);
  assertEquals(last.state.phase.kind === "stopping" && last.state.phase.outcome, {
    kind: "stopped",
    by: "supervisord's shutdown",
  });
});

Deno.test("decide() tells again of a program that was given up again after it had run", () => {
  const look = (isFatal: boolean) => ({
    processes: [...CALM.processes, {
      ...{ name: "w:w", isEngine: false, isFatal },
      status: { kind: "alive", pid: 2 } as const,
    }],
  });
  let state = INITIAL_STATE;
  const said = [true, true, false, true].map((isFatal, nowMs) => {
    const decision = decide(POLICY, state, { ...CALM, ...look(isFatal) }, nowMs);
    state = decision.state;
    return decision.actions.length;
  });
  assertEquals(said, [1, 0, 0, 1]);
});

Deno.test("decide() comes back at the earliest of what is due", () => {
  const programs = new Map([["e:e", { ...LIMITS, startMs: 9_000 }], ["w:w", LIMITS]]);
  const web = { ...engine({ kind: "alive", pid: 2 }), name: "w:w", isEngine: false };
  const { last } = follow({ ...POLICY, programs }, [
    [0, { processes: [...CALM.processes, web] }],
  ]);
  assertEquals(last.wakeAtMs, LIMITS.startMs);
});

/** Looks at a run that is unhealthy from 2 s on, and is said to be so for as long as it lives. */
const SICK: Partial<Observation> = {
  unhealthy: new Map([["e:e", { reason: "no answer", cause: undefined }]]),
};

Deno.test("decide() repeats an order to stop that supervisord has not heard, and kills after the grace of a hang", () => {
  const { orders } = follow(POLICY, [
    [0, {}],
    [1_000, {}],
    [2_000, SICK],
    [2_000 + REPEAT_ORDER_MS - 1, SICK],
    [2_000 + REPEAT_ORDER_MS, SICK],
    [2_000 + REPEAT_ORDER_MS + 1, SICK],
    [2_000 + LIMITS.hangGraceMs, SICK],
    [2_000 + LIMITS.hangGraceMs + REPEAT_ORDER_MS, SICK],
  ]);
  assertEquals(orders, [[], [], ["stop"], [], ["stop"], [], ["kill_process"], []]);
});

Deno.test("decide() waits for nobody where the engine cannot be killed", () => {
  const { orders, last } = follow(POLICY, [[0, {}], [1_000, {}], [2_000, SICK], [90_000, SICK]]);
  assertEquals(orders.at(-1), ["kill"]);
  assertEquals(last.state.phase.kind === "stopping" && last.state.phase.outcome.kind, "gave_up");
});
