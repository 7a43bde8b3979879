import { assert, assertEquals } from "@std/assert";
import { MAX_BACK_OFF_MS, STABLE_MS } from "./engine_death.ts";
import type { Cause, Death } from "./cause.ts";
import { decideEngine } from "./engine_policy.ts";
import {
  type EngineDecision,
  type EnginePolicy,
  type EngineState,
  UNSEEN,
} from "./engine_state.ts";
import type { Observation, ProcessObservation, ProcessStatus } from "./observation.ts";
import type { Exit } from "../formats/exit.ts";

const NAME = "llm_engine:llm_engine";

const POLICY: EnginePolicy = {
  autostart: true,
  autorestart: "always",
  stopWaitMs: 30_000,
  hangGraceMs: 5_000,
  expectedCodes: new Set([255]),
  maxStartRetries: 3,
  maxRecoveryAttempts: 3,
  recoveryWindowMs: 3_600_000,
  startMs: 1_000,
};

const CODE_1: Exit = { kind: "code", code: 1 };
const ENDED: ProcessStatus = { kind: "ended", exit: CODE_1, spawnError: undefined };
const alive = (pid: number): ProcessStatus => ({ kind: "alive", pid });

function look(
  status: ProcessStatus,
  more: Partial<Observation> = {},
): [ProcessObservation, Observation] {
  const process = { name: NAME, isEngine: true, isFatal: false, status };
  return [process, {
    stopSignals: [],
    supervisord: { kind: "answering" },
    processes: [process],
    swept: new Map([[NAME, Infinity]]),
    ...more,
  }];
}

/** Lets an engine live through lives of these lengths, ms; restarts follow as they are decided. */
function live(policy: EnginePolicy, livesMs: readonly number[]) {
  let state: EngineState = UNSEEN;
  let now = 0;
  let pid = 0;
  const startsMs: number[] = [];
  let decision: EngineDecision = { state, actions: [] };
  const step = (status: ProcessStatus): EngineDecision => {
    decision = decideEngine(policy, state, ...look(status), now);
    state = decision.state;
    return decision;
  };
  for (const lifeMs of livesMs) {
    startsMs.push(now);
    step(alive(++pid));
    now += lifeMs;
    if (step(ENDED).outcome !== undefined) break;
    while (!step(ENDED).actions.some(({ kind }) => kind === "start")) {
      now = decision.wakeAtMs ?? now;
    }
  }
  return { startsMs, outcome: decision.outcome, endedMs: now };
}

const repeat = (lifeMs: number, times: number): number[] =>
  Array.from({ length: times }, () => lifeMs);

Deno.test("decideEngine() starts an engine again that `supervisorctl reload` has stopped, none that `stop` has", () => {
  const again: ProcessStatus = { kind: "stopped", isNew: true };
  const kinds = (policy: EnginePolicy, ...statuses: readonly ProcessStatus[]) => {
    let state: EngineState = UNSEEN;
    return statuses.flatMap((status) => {
      const decision = decideEngine(policy, state, ...look(status), 20_000);
      state = decision.state;
      return decision.actions.map(({ kind }) => kind).filter((kind) => kind !== "report");
    });
  };
  assertEquals(kinds(POLICY, alive(1), again, again), ["sweep", "start"]);
  assertEquals(kinds(POLICY, alive(1), { kind: "stopped" }, { kind: "stopped" }), ["sweep"]);
  assertEquals(kinds(POLICY, alive(1), { kind: "stopped" }, again), ["sweep", "start"]);
  assertEquals(kinds({ ...POLICY, autostart: false }, alive(1), again, again), ["sweep"]);
});

Deno.test("decideEngine() gives up after exactly 1 + maxStartRetries failed starts, n seconds before the n-th retry", () => {
  const { startsMs, outcome } = live(POLICY, repeat(0, 10));
  assertEquals(startsMs, [0, 1_000, 3_000, 6_000]);
  assertEquals(outcome?.kind, "gave_up");
});

Deno.test("decideEngine() gives up after exactly maxRecoveryAttempts recoveries, however long the runs", () => {
  for (const lifeMs of [1_000, 1_500, 10_999, 11_000, 60_000]) {
    const { startsMs, outcome } = live(POLICY, repeat(lifeMs, 10));
    assertEquals([startsMs.length, outcome?.kind], [4, "gave_up"], `${lifeMs}`);
  }
});

Deno.test("decideEngine() restarts a run that lasted at once, and backs off after the second in a row that did not", () => {
  const unlimited: EnginePolicy = { ...POLICY, maxRecoveryAttempts: Infinity };
  const pauses = (policy: EnginePolicy, livesMs: readonly number[]): number[] => {
    const { startsMs } = live(policy, livesMs);
    return startsMs.slice(1).map((at, index) => at - startsMs[index]! - livesMs[index]!);
  };
  const shortMs = 1_000 + STABLE_MS - 1;
  const stableMs = 1_000 + STABLE_MS;
  assertEquals(pauses(unlimited, repeat(stableMs, 5)), [0, 0, 0, 0]);
  assertEquals(pauses(unlimited, repeat(shortMs, 5)), [0, 1_000, 2_000, 3_000]);
  assertEquals(
    pauses(unlimited, [shortMs, shortMs, shortMs, stableMs, shortMs, shortMs, 0]),
    [0, 1_000, 2_000, 0, 0, 1_000],
  );
  // With startsecs=0 every start counts as good: 329 starts in 3 s were seen before it was paced.
  const instant = { ...unlimited, startMs: 0 };
  assertEquals(pauses(instant, repeat(0, 5)), [0, 1_000, 2_000, 3_000]);
  assertEquals(pauses(instant, repeat(0, 80)).at(-1), MAX_BACK_OFF_MS);
});

Deno.test("decideEngine() never restarts a start at the border more often than both limits allow", () => {
  for (let pattern = 0; pattern < 2 ** 10; pattern++) {
    const lives = Array.from({ length: 10 }, (_, bit) => pattern & (1 << bit) ? 999 : 1_001);
    const { startsMs, outcome } = live(POLICY, lives);
    assertEquals(startsMs.length <= 1 + 3 + 3, true, `${lives}: ${startsMs.length} starts`);
    assertEquals(outcome?.kind, "gave_up");
  }
});

Deno.test("decideEngine() lets a stable run end the row of failed starts", () => {
  const stableMs = 1_000 + STABLE_MS;
  const { startsMs } = live(POLICY, [0, 0, 0, stableMs, 0, 0, 0, stableMs]);
  assertEquals(startsMs.length, 8);
});

Deno.test("decideEngine() counts recoveries inside the window only", () => {
  const policy = { ...POLICY, recoveryWindowMs: 60_000, maxRecoveryAttempts: 2 };
  assertEquals(live(policy, repeat(31_000, 20)).startsMs.length, 20);
  assertEquals(live(policy, repeat(19_000, 20)).startsMs.length, 3);
});

Deno.test("decideEngine() ends with the engine where no restart is due", () => {
  const code = (code: number): Exit => ({ kind: "code", code });
  const signal: Exit = { kind: "signal", signal: "SIGKILL" };
  const unexpected: EnginePolicy = {
    ...POLICY,
    autorestart: "unexpected",
    expectedCodes: new Set([0, 3]),
  };
  const cases: [EnginePolicy, Exit, boolean][] = [
    [{ ...POLICY, autorestart: "never" }, code(7), true],
    [{ ...POLICY, autorestart: "never" }, signal, true],
    [unexpected, code(0), true],
    [unexpected, code(3), true],
    [unexpected, code(1), false],
    [unexpected, signal, false],
    [POLICY, code(0), false],
    [POLICY, code(255), false],
  ];
  for (const [policy, exit, ends] of cases) {
    const up = decideEngine(policy, UNSEEN, ...look(alive(1)), 0).state;
    const { outcome } = decideEngine(
      policy,
      up,
      ...look({ kind: "ended", exit, spawnError: undefined }),
      5_000,
    );
    assertEquals(outcome, ends ? { kind: "engine_ended", exit } : undefined);
  }
});

Deno.test("decideEngine() waits for the sweep before it starts again", () => {
  const up = decideEngine(POLICY, UNSEEN, ...look(alive(1)), 0).state;
  const down = decideEngine(POLICY, up, ...look(ENDED), 2_000);
  assertEquals(down.actions.map(({ kind }) => kind), ["report", "sweep"]);
  const early = decideEngine(POLICY, down.state, ...look(ENDED, { swept: new Map() }), 2_001);
  assertEquals(early.actions, []);
  const due = decideEngine(POLICY, early.state, ...look(ENDED), 2_002);
  assertEquals(due.actions, [{ kind: "start", name: NAME }]);
});

Deno.test("decideEngine() gives up at once on what would fail the same way again", () => {
  const cases: [string, string | undefined][] = [
    ["can't find command '/x'", "command_not_found"],
    ["command at '/x' is not executable", "command_not_executable"],
    ["no permission to run command '/x'", "command_not_executable"],
    ["unknown error making dispatchers for 'a': EACCES", "gave_up"],
    ["Too many processes in process table to spawn 'a'", undefined],
  ];
  for (const [spawnError, kind] of cases) {
    const status: ProcessStatus = { kind: "ended", exit: CODE_1, spawnError };
    assertEquals(decideEngine(POLICY, UNSEEN, ...look(status), 0).outcome?.kind, kind, spawnError);
  }
});

Deno.test("decideEngine() lets startsecs start nothing that loads, and no timeout condemn it", () => {
  const loading = { loading: new Set([NAME]) };
  const dead = { kind: "ended", exit: CODE_1, spawnError: undefined } as const;
  const begun = decideEngine(POLICY, UNSEEN, ...look(alive(1), loading), 0);
  const later = decideEngine(POLICY, begun.state, ...look(alive(1), loading), 7_200_000);
  assertEquals([later.actions, later.events ?? []], [[], []], "however long");
  const failed = decideEngine(POLICY, later.state, ...look(dead, loading), 7_200_001);
  assertEquals([failed.state.failedStarts, failed.state.recoveriesMs.length], [1, 0]);
  const { state } = decideEngine(POLICY, later.state, ...look(alive(1)), 7_200_001);
  assertEquals(state.run.kind === "up" && state.run.startedAtMs, 7_200_001, "once it answers");
  const died = decideEngine(POLICY, state, ...look(dead, loading), 7_200_002);
  assertEquals([died.state.failedStarts, died.state.recoveriesMs.length], [0, 1]);
});

Deno.test("decideEngine() lets an early answer start nothing before startsecs", () => {
  const { state } = decideEngine(POLICY, UNSEEN, ...look(alive(1)), 0);
  const decision = decideEngine(POLICY, state, ...look(alive(1)), POLICY.startMs - 1);
  assertEquals(decision.actions, []);
});

Deno.test("decideEngine() counts an unhealthy engine as a recovery, one that is never ready as a failed start", () => {
  const policy: EnginePolicy = { ...POLICY, startupTimeoutMs: 30_000 };
  const none: ReadonlySet<string> = new Set();
  const ready = { ready: new Set([NAME]) };
  let decision = decideEngine(policy, UNSEEN, ...look(alive(1), { ready: none }), 0);
  decision = decideEngine(policy, decision.state, ...look(alive(1), { ready: none }), 29_999);
  assertEquals(decision.actions, []);
  decision = decideEngine(policy, decision.state, ...look(alive(1), { ready: none }), 30_000);
  assertEquals(decision.actions.map(({ kind }) => kind), ["report", "stop"]);
  decision = decideEngine(
    policy,
    decision.state,
    ...look({ kind: "stopped" }, { ready: none }),
    31_000,
  );
  assertEquals([decision.state.failedStarts, decision.state.recoveriesMs.length], [1, 0]);

  decision = decideEngine(policy, UNSEEN, ...look(alive(1), ready), 0);
  const sick = {
    ...ready,
    unhealthy: new Map([[NAME, { reason: "no answer", cause: undefined }]]),
  };
  decision = decideEngine(policy, decision.state, ...look(alive(1), sick), 60_000);
  assertEquals(decision.actions.map(({ kind }) => kind), ["report", "stop"]);
  decision = decideEngine(policy, decision.state, ...look({ kind: "stopping" }, sick), 61_000);
  assertEquals(decision.actions, []);
  decision = decideEngine(policy, decision.state, ...look({ kind: "stopped" }, sick), 62_000);
  assertEquals([decision.state.failedStarts, decision.state.recoveriesMs.length], [0, 1]);
  decision = decideEngine(policy, decision.state, ...look({ kind: "stopped" }, ready), 62_001);
  assertEquals(decision.actions, [{ kind: "start", name: NAME }]);
});

Deno.test("decideEngine() sweeps after a run that somebody replaced", () => {
  const up = decideEngine(POLICY, UNSEEN, ...look(alive(1)), 0).state;
  const replaced = decideEngine(POLICY, up, ...look(alive(2)), 5_000);
  assertEquals(replaced.actions, [
    { kind: "sweep", name: NAME, run: 1 },
    { kind: "report", level: "info", text: `${NAME} (pid 2) was restarted by an operator` },
  ]);
});

Deno.test("decideEngine() leaves an engine alone that somebody stopped", () => {
  const up = decideEngine(POLICY, UNSEEN, ...look(alive(1)), 0).state;
  const stopped = decideEngine(POLICY, up, ...look({ kind: "stopped" }), 5_000);
  assertEquals(stopped.actions, [{ kind: "sweep", name: NAME, run: 1 }]);
  assertEquals(stopped.events, [{ kind: "halted", name: NAME, run: 1 }]);
  const wait = decideEngine(POLICY, stopped.state, ...look({ kind: "stopped" }), 5_249);
  assertEquals(wait.actions, [], "it may be half of a restart");
  const said = decideEngine(POLICY, wait.state, ...look({ kind: "stopped" }), 5_250);
  assertEquals(said.actions.map((action) => action.kind === "report" && action.text), [
    `${NAME} was stopped by an operator (for example with \`supervisorctl stop\`): ` +
    "it stays stopped until you start it",
  ]);
  const later = decideEngine(POLICY, said.state, ...look({ kind: "stopped" }), 9_000);
  assertEquals(later.actions, [], "reported once");
  for (const [state, text] of [[wait.state, "restarted"], [later.state, "started"]] as const) {
    const again = decideEngine(POLICY, state, ...look(alive(2)), 9_000);
    assertEquals([again.state.run.kind, again.state.recoveriesMs.length], ["up", 0]);
    const [report] = again.actions;
    assertEquals(
      report?.kind === "report" && report.text,
      `${NAME} (pid 2) was ${text} by an operator`,
    );
  }
});

Deno.test("decideEngine() orders a start again that supervisord has not heard of", () => {
  const up = decideEngine(POLICY, UNSEEN, ...look(alive(1)), 0).state;
  const sick = { unhealthy: new Map([[NAME, { reason: "no answer", cause: undefined }]]) };
  const condemned = decideEngine(POLICY, up, ...look(alive(1), sick), 20_000).state;
  const down = decideEngine(POLICY, condemned, ...look({ kind: "stopped" }), 21_000).state;
  const started = decideEngine(POLICY, down, ...look({ kind: "stopped" }), 21_001);
  assertEquals(started.actions, [{ kind: "start", name: NAME }]);
  const early = decideEngine(POLICY, started.state, ...look({ kind: "stopped" }), 26_000);
  assertEquals(early.actions, []);
  const late = decideEngine(POLICY, early.state, ...look({ kind: "stopped" }), 26_001);
  assertEquals(late.actions, [{ kind: "start", name: NAME }]);
});

Deno.test("decideEngine() does not retry an engine that put itself into the background", () => {
  const policy = { ...POLICY, foregroundHint: "nginx -g 'daemon off;'" };
  const up = decideEngine(policy, UNSEEN, ...look(alive(1)), 0).state;
  const code = (code: number): Exit => ({ kind: "code", code });
  const end = (exit: Exit, nowMs: number, pids?: readonly number[]) =>
    decideEngine(
      policy,
      up,
      ...look(
        { kind: "ended", exit, spawnError: undefined },
        { daemonized: pids && new Map([[NAME, pids]]) },
      ),
      nowMs,
    );
  const { outcome } = end(code(0), 300, [7, 8]);
  const reason = outcome?.kind === "gave_up" ? outcome.reason : "";
  for (const word of ["background", "processes 7, 8", "daemon off;"]) {
    assert(reason.includes(word), reason);
  }
  assertEquals(end(code(0), 300).outcome, undefined, "nothing of it lives on");
  assertEquals(end(code(1), 300, [7]).outcome, undefined, "it failed");
  assertEquals(end(code(0), 60_000, [7]).outcome, undefined, "it had served");
});

Deno.test("decideEngine() tells the OOM killer's SIGKILL from anybody else's", () => {
  const up = decideEngine(POLICY, UNSEEN, ...look(alive(1)), 0).state;
  const says = (exit: Exit, isOutOfMemory: boolean): string => {
    const status: ProcessStatus = { kind: "ended", exit, spawnError: undefined };
    const [said] = decideEngine(POLICY, up, ...look(status, { isOutOfMemory }), 5_000).actions;
    return said?.kind === "report" ? said.text : "";
  };
  const killed: Exit = { kind: "signal", signal: "SIGKILL" };
  assert(!says(killed, false).includes("OOM"));
  assert(says(killed, true).includes("SIGKILL by the kernel's OOM killer"));
  assert(says(CODE_1, true).includes("exit code 1 (the kernel's OOM killer has just ended"));
});

Deno.test("decideEngine() starts what has never run, unless autostart says otherwise", () => {
  const started = decideEngine(POLICY, UNSEEN, ...look({ kind: "stopped" }), 0);
  assertEquals(started.actions, [{ kind: "start", name: NAME }]);
  const idle = decideEngine(
    { ...POLICY, autostart: false },
    UNSEEN,
    ...look({ kind: "stopped" }),
    0,
  );
  assertEquals([idle.actions, idle.state.run.kind], [[], "absent"]);
});

Deno.test("decideEngine() kills a hanging engine after the grace of a hang, and gives up on one that cannot be killed", () => {
  const up = decideEngine(POLICY, UNSEEN, ...look(alive(1)), 0).state;
  const sick = { unhealthy: new Map([[NAME, { reason: "unhealthy", cause: undefined }]]) };
  let { state } = decideEngine(POLICY, up, ...look(alive(1), sick), 10_000);
  const seen: string[] = [];
  for (let nowMs = 10_000; nowMs <= 60_000 && seen.at(-1) !== "gave_up"; nowMs += 100) {
    const decision = decideEngine(POLICY, state, ...look({ kind: "stopping" }), nowMs);
    state = decision.state;
    for (const { kind } of decision.actions) seen.push(`${kind} ${nowMs}`);
    if (decision.outcome !== undefined) {
      assertEquals([decision.isHopeless, nowMs], [true, 10_000 + 30_000 + 10_000]);
      seen.push(decision.outcome.kind);
    }
  }
  assertEquals(seen, ["kill_process 15000", "gave_up"]);
});

Deno.test("decideEngine() says once a minute that an engine does not end", () => {
  const patient = { ...POLICY, stopWaitMs: 300_000, hangGraceMs: 300_000 };
  const up = decideEngine(patient, UNSEEN, ...look(alive(1)), 0).state;
  const sick = { unhealthy: new Map([[NAME, { reason: "unhealthy", cause: undefined }]]) };
  let { state } = decideEngine(patient, up, ...look(alive(1), sick), 0);
  let said = 0;
  for (let nowMs = 0; nowMs < 200_000; nowMs += 1_000) {
    const decision = decideEngine(patient, state, ...look({ kind: "stopping" }), nowMs);
    state = decision.state;
    said += decision.actions.filter(({ kind }) => kind === "report").length;
  }
  assertEquals(said, 3);
});

Deno.test("decideEngine() gives up at the first failed start whose cause makes another try hopeless", () => {
  const death = (cause: Cause, portHolder?: string): Death => ({
    ...{ cause, meaning: "m", evidence: ["the line"], advice: "Fix it.", portHolder },
  });
  const cases: readonly (readonly [Death, boolean, boolean])[] = [
    [death("bad_arguments"), false, true],
    [death("bad_arguments"), true, false],
    [death("gpu_lost"), false, true],
    [death("port_in_use", "nginx (pid 7)"), false, true],
    // Whoever held it is gone, or cannot be seen.
    [death("port_in_use"), false, false],
    [death("gpu_out_of_memory"), false, false],
    [death("unknown"), false, false],
    // The last engine's context, or the fabric manager, takes a while.
    ...[
      "CUDA error: CUDA-capable device(s) is/are busy or unavailable",
      "Error 802: system not yet initialized",
      // Said at every start on a machine without a GPU, whatever it then dies of.
      "W0713 pinned_memory_manager.cc:271] Unable to allocate pinned system memory: CUDA driver version is insufficient",
      "ggml_cuda_init: failed to initialize CUDA: no CUDA-capable device is detected",
    ].map((line) => [{ ...death("gpu_lost"), evidence: [line] }, false, false] as const),
  ];
  for (const [why, retriesHopeless, givesUp] of cases) {
    const policy = { ...POLICY, retriesHopeless };
    const deaths = new Map([[NAME, why]]);
    const up = decideEngine(policy, UNSEEN, ...look(alive(1)), 0);
    const dead = decideEngine(policy, up.state, ...look(ENDED, { deaths }), 10);
    assertEquals(dead.outcome?.kind, givesUp ? "gave_up" : undefined, why.cause);
    const died = dead.events?.find(({ kind }) => kind === "died");
    assert(died?.kind === "died");
    assertEquals(died.death, why);
    assertEquals(died.next.kind, givesUp ? "none" : "retry");
    // After a good start the same death is recovered from.
    const started = decideEngine(policy, up.state, ...look(alive(1)), POLICY.startMs);
    const late = decideEngine(policy, started.state, ...look(ENDED, { deaths }), 60_000);
    assertEquals(late.outcome, undefined, why.cause);
  }
});

Deno.test("decideEngine() retries wrong arguments with which the engine has started before", () => {
  const why = { cause: "bad_arguments", meaning: "m", evidence: [], advice: "Fix it." } as const;
  const deaths = new Map([[NAME, why]]);
  let { state } = decideEngine(POLICY, UNSEEN, ...look(alive(1)), 0);
  state = decideEngine(POLICY, state, ...look(alive(1)), POLICY.startMs).state;
  state = decideEngine(POLICY, state, ...look(ENDED, { deaths }), 60_000).state;
  state = decideEngine(POLICY, state, ...look(alive(2)), 60_100).state;
  const { outcome } = decideEngine(POLICY, state, ...look(ENDED, { deaths }), 60_200);
  assertEquals(outcome, undefined);
});

Deno.test("decideEngine() ends at once with a group's member, whatever its budget, and only at a crash", () => {
  const policy = { ...POLICY, group: "LWS_GROUP_SIZE is 4" };
  for (const lifeMs of [100, 60_000]) {
    const { state } = decideEngine(policy, UNSEEN, ...look(alive(1)), 0);
    const { isHopeless, outcome } = decideEngine(policy, state, ...look(ENDED), lifeMs);
    const expected = {
      ...{ kind: "engine_ended", exit: CODE_1, group: policy.group, death: undefined },
    };
    assertEquals([isHopeless, outcome], [true, expected]);
  }
  const { state } = decideEngine(policy, UNSEEN, ...look(alive(1)), 0);
  const unhealthy = { unhealthy: new Map([[NAME, { reason: "it hangs", cause: undefined }]]) };
  const condemned = decideEngine(policy, state, ...look(alive(1), unhealthy), 1).state;
  const { outcome } = decideEngine(policy, condemned, ...look({ kind: "stopped" }), 2);
  assert(outcome?.kind === "gave_up" && outcome.reason.includes("LWS_GROUP_SIZE is 4"));
  const expectedEnd = { ...policy, autorestart: "unexpected" } as const;
  const ended: ProcessStatus = {
    ...ENDED,
    exit: { kind: "code", code: 255 },
    spawnError: undefined,
  };
  const decision = decideEngine(expectedEnd, state, ...look(ended), 5_000);
  assertEquals([decision.isHopeless, decision.outcome?.kind], [undefined, "engine_ended"]);
});

Deno.test("decideEngine() collects evidence of a hang before the stop, and waits for it no longer than told", () => {
  const policy = { ...POLICY, evidenceMs: 5_000 };
  const sick = { unhealthy: new Map([[NAME, { reason: "it hangs", cause: undefined }]]) };
  const actions = ({ actions }: EngineDecision) =>
    actions.map(({ kind }) => kind).filter((kind) => kind !== "report");
  const up = decideEngine(policy, UNSEEN, ...look(alive(1)), 0).state;
  const begun = decideEngine(policy, up, ...look(alive(1), sick), 1_000);
  assertEquals([actions(begun), begun.wakeAtMs], [["collect"], 6_000]);
  const waiting = decideEngine(policy, begun.state, ...look(alive(1), sick), 2_000);
  assertEquals([actions(waiting), waiting.wakeAtMs], [[], 6_000]);
  const evidenced = { ...sick, evidenced: new Set([NAME]) };
  const soon = decideEngine(policy, waiting.state, ...look(alive(1), evidenced), 3_000);
  const late = decideEngine(policy, waiting.state, ...look(alive(1), sick), 6_000);
  for (const [decision, nowMs] of [[soon, 3_000], [late, 6_000]] as const) {
    assertEquals([actions(decision), decision.wakeAtMs], [["stop"], nowMs + policy.hangGraceMs]);
    // Its grace begins with the stop.
    const before = decideEngine(policy, decision.state, ...look(alive(1), sick), nowMs + 4_999);
    assertEquals(actions(before), []);
    const after = decideEngine(policy, decision.state, ...look(alive(1), sick), nowMs + 5_000);
    assertEquals(actions(after), ["kill_process"]);
  }
  const died = decideEngine(policy, waiting.state, ...look(ENDED, sick), 2_500);
  assertEquals(died.state.run.kind, "down");
});

Deno.test("decideEngine() tells once that somebody stops it by hand, before it has ended", () => {
  const up = decideEngine(POLICY, UNSEEN, ...look(alive(1)), 0);
  const first = decideEngine(POLICY, up.state, ...look({ kind: "stopping" }), 10);
  const second = decideEngine(POLICY, first.state, ...look({ kind: "stopping" }), 20);
  assertEquals([first, second].map(({ events }) => events?.map(({ kind }) => kind)), [
    ["draining"],
    undefined,
  ]);
});
