import { assert, assertEquals } from "@std/assert";
import { decideEngine } from "./engine_policy.ts";
import {
  type EngineDecision,
  type EnginePolicy,
  type EngineState,
  UNSEEN,
} from "./engine_state.ts";
import type { MemoryUse, Observation, ProcessObservation, ProcessStatus } from "./observation.ts";
import { RECYCLE_EVERY_MS } from "./recycle.ts";

const NAME = "llm_engine:llm_engine";

/** Nothing may be counted: a single crash would end it. */
const POLICY: EnginePolicy = {
  autostart: true,
  autorestart: "never",
  stopWaitMs: 30_000,
  hangGraceMs: 5_000,
  expectedCodes: new Set(),
  maxStartRetries: 0,
  maxRecoveryAttempts: 0,
  recoveryWindowMs: 3_600_000,
  startMs: 1_000,
  memory: { limitBytes: 1_000, hardBytes: 1_100 },
};

const ALIVE: ProcessStatus = { kind: "alive", pid: 1 };

function look(status: ProcessStatus, use?: MemoryUse): [ProcessObservation, Observation] {
  const process = { name: NAME, isEngine: true, isFatal: false, status };
  return [process, {
    stopSignals: [],
    supervisord: { kind: "answering" },
    processes: [process],
    swept: new Map([[NAME, Infinity]]),
    memory: use === undefined ? undefined : new Map([[NAME, use]]),
  }];
}

Deno.test("decideRecycle() tells that it drains, so that nobody sends it requests", () => {
  const use = { usedBytes: 1_101, isIdle: false };
  const { events } = decideEngine(POLICY, start(), ...look(ALIVE, use), 2_000);
  assertEquals(events?.map(({ kind }) => kind), ["draining"]);
});

const kinds = ({ actions }: EngineDecision) => actions.map(({ kind }) => kind);

/** One that has started. */
function start(state: EngineState = UNSEEN, sinceMs = 0): EngineState {
  const up = decideEngine(POLICY, state, ...look(ALIVE), sinceMs).state;
  return decideEngine(POLICY, up, ...look(ALIVE), sinceMs + 1_000).state;
}

Deno.test("decideRecycle() waits for an idle moment, and for none past the hard mark", () => {
  const cases: [number, boolean | undefined, string[]][] = [
    [1_000, true, []],
    [1_001, undefined, ["report"]],
    [1_001, false, ["report"]],
    [1_100, false, ["report"]],
    [1_001, true, ["report", "stop"]],
    [1_101, false, ["report", "stop"]],
    [1_101, undefined, ["report", "stop"]],
  ];
  for (const [usedBytes, isIdle, expected] of cases) {
    const decision = decideEngine(POLICY, start(), ...look(ALIVE, { usedBytes, isIdle }), 2_000);
    assertEquals(kinds(decision), expected, `${usedBytes} ${isIdle}`);
    const again = decideEngine(
      POLICY,
      decision.state,
      ...look(ALIVE, { usedBytes, isIdle }),
      3_000,
    );
    assertEquals(kinds(again), [], `said once: ${usedBytes} ${isIdle}`);
  }
});

Deno.test("decideRecycle() recycles nothing that loads yet, nor where it has no limit", () => {
  const use = { usedBytes: 5_000, isIdle: true };
  const loading = decideEngine(POLICY, UNSEEN, ...look(ALIVE, use), 0);
  assertEquals(kinds(loading), []);
  const { memory: _, ...unlimited } = POLICY;
  assertEquals(kinds(decideEngine(unlimited, start(), ...look(ALIVE, use), 2_000)), []);
});

Deno.test("decideRecycle() gives the whole grace, and counts as no crash", () => {
  const use = { usedBytes: 5_000, isIdle: true };
  let decision = decideEngine(POLICY, start(), ...look(ALIVE, use), 2_000);
  const grace = decideEngine(POLICY, decision.state, ...look({ kind: "stopping" }, use), 31_999);
  assert(!kinds(grace).includes("kill_process"));
  const late = decideEngine(POLICY, grace.state, ...look({ kind: "stopping" }, use), 32_000);
  assert(kinds(late).includes("kill_process"));
  decision = decideEngine(POLICY, decision.state, ...look({ kind: "stopped" }), 9_000);
  assertEquals([kinds(decision), decision.outcome], [["report", "sweep"], undefined]);
  const [event] = decision.events ?? [];
  assertEquals(event?.kind === "died" && event.next, { kind: "recycle" });
  const { failedStarts, shortRuns, recoveriesMs } = decision.state;
  assertEquals([failedStarts, shortRuns, recoveriesMs], [0, 0, []]);
  decision = decideEngine(POLICY, decision.state, ...look({ kind: "stopped" }), 9_000);
  assertEquals(kinds(decision), ["start"]);
});

Deno.test("decideRecycle() leaves one alone that is past its limit as soon as it has loaded", () => {
  const use = { usedBytes: 5_000, isIdle: true };
  const recycled: EngineState = { ...UNSEEN, recycledAtMs: 0 };
  const up = start(recycled);
  const soon = decideEngine(POLICY, up, ...look(ALIVE, use), RECYCLE_EVERY_MS - 1);
  assertEquals(kinds(soon), ["report"]);
  const due = decideEngine(POLICY, soon.state, ...look(ALIVE, use), RECYCLE_EVERY_MS);
  assertEquals(kinds(due), ["report", "stop"]);
});

Deno.test("decideRecycle() ends the container of a group's member, which the others would not see", () => {
  const policy = { ...POLICY, autorestart: "always" as const, group: "LWS_GROUP_SIZE is 2" };
  const use = { usedBytes: 5_000, isIdle: true };
  const { state } = decideEngine(policy, start(), ...look(ALIVE, use), 2_000);
  const { outcome } = decideEngine(policy, state, ...look({ kind: "stopped" }), 3_000);
  assertEquals(outcome?.kind, "gave_up");
});
