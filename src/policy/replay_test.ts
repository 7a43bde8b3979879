import { assertEquals } from "@std/assert";
import type { Death } from "./cause.ts";
import type { LifeStep, Observation, ProcessObservation, ProcessStatus } from "./observation.ts";
import { decide, INITIAL_STATE, type Policy, type PolicyState } from "./policy.ts";
import { listMoments } from "./replay.ts";

const NAME = "e:e";
const CODE_1 = { kind: "code", code: 1 } as const;
const spawned = (atMs: number, pid: number): LifeStep => ({ kind: "spawned", atMs, pid });
const exited = (atMs: number): LifeStep => ({ kind: "exited", atMs, exit: CODE_1 });
const stopped = (atMs: number): LifeStep => ({ kind: "stopped", atMs, exit: CODE_1 });
const alive = (pid: number): ProcessStatus => ({ kind: "alive", pid });
const ENDED: ProcessStatus = { kind: "ended", exit: CODE_1, spawnError: undefined };
const STOPPED: ProcessStatus = { kind: "stopped", isNew: false };

function observe(status: ProcessStatus, steps: readonly LifeStep[]): Observation & {
  readonly processes: readonly [ProcessObservation];
} {
  return {
    stopSignals: [],
    supervisord: { kind: "answering" },
    processes: [{ name: NAME, isEngine: true, isFatal: false, status, steps }],
    swept: new Map(),
  };
}

Deno.test("listMoments() ends with the status, which knows more than the step that led to it", () => {
  const cases: [readonly LifeStep[], ProcessStatus, readonly string[]][] = [
    [[], alive(1), ["alive"]],
    [[spawned(0, 1)], alive(1), ["alive"]],
    [[stopped(0), spawned(0, 2)], alive(2), ["stopped", "alive"]],
    [[exited(0), spawned(0, 2)], alive(2), ["ended", "alive"]],
    [[exited(0)], ENDED, ["ended"]],
    [[spawned(0, 2), exited(1)], ENDED, ["alive", "ended"]],
    [[stopped(0), spawned(0, 2), exited(1), spawned(2, 3)], alive(3), [
      ...["stopped", "alive", "ended", "alive"],
    ]],
    [[spawned(0, 2)], { kind: "stopping" }, ["alive", "stopping"]],
    [[stopped(0)], STOPPED, ["stopped"]],
    [[exited(0)], { kind: "stopped", isNew: true }, ["ended", "stopped"]],
  ];
  for (const [steps, status, expected] of cases) {
    const observation = observe(status, steps);
    const moments = listMoments(observation.processes[0], observation, 9_000);
    assertEquals(moments.map((moment) => moment.status.kind), expected);
    assertEquals(moments.at(-1)?.status, status);
  }
});

Deno.test("listMoments() places moments by the log's clock, even if that was set back", () => {
  const steps = [exited(5_000), spawned(5_400, 2), exited(5_300), spawned(5_600, 3)];
  const observation = observe(alive(3), steps);
  const moments = listMoments(observation.processes[0], observation, 9_000);
  assertEquals(moments.map(({ atMs }) => atMs), [8_400, 8_800, 8_700, 9_000]);
  const setBack = observe(alive(2), [exited(5_000), spawned(1_000, 2)]);
  assertEquals(
    listMoments(setBack.processes[0], setBack, 9_000).map(({ atMs }) => atMs),
    [9_000, 9_000],
  );
});

const POLICY: Policy = {
  programs: new Map([[NAME, {
    autostart: true,
    autorestart: "always",
    stopWaitMs: 30_000,
    hangGraceMs: 5_000,
    expectedCodes: new Set<number>(),
    maxStartRetries: 1,
    maxRecoveryAttempts: 1,
    recoveryWindowMs: 3_600_000,
    startMs: 1_000,
  }]]),
  shutdownGraceMs: 35_000,
};

/** The events of a program, and the actions that are no reports, while these are seen. */
function follow(...seen: readonly [number, ProcessStatus, ...LifeStep[]][]) {
  let state: PolicyState = INITIAL_STATE;
  const events: string[] = [];
  const actions: string[] = [];
  const texts: string[] = [];
  for (const [nowMs, status, ...steps] of seen) {
    const decision = decide(POLICY, state, observe(status, steps), nowMs);
    state = decision.state;
    for (const event of decision.events ?? []) {
      events.push(event.kind === "died" ? `died ${event.run} ${event.next.kind}` : event.kind);
    }
    for (const action of decision.actions) {
      if (action.kind === "report") texts.push(action.text);
      else actions.push("run" in action ? `${action.kind} ${action.run}` : action.kind);
    }
  }
  return { state, events, actions, texts };
}

Deno.test("decide() counts a crash that an operator's restart overtakes", () => {
  const { state, events, actions } = follow(
    [0, alive(1)],
    [2_000, alive(1)],
    [3_000, alive(2), exited(100), spawned(110, 2)],
  );
  assertEquals(events, ["spawned", "started", "died 1 recovery", "spawned"]);
  assertEquals(actions, ["sweep 1"]);
  assertEquals(state.engines.get(NAME)?.recoveriesMs.length, 1);
  assertEquals(state.engines.get(NAME)?.runs, 2);
});

Deno.test("decide() does not end what an operator has started past a limit, and counts on", () => {
  const start: [number, ProcessStatus, ...LifeStep[]][] = [
    [0, alive(1)],
    [2_000, alive(1)],
    [3_000, alive(2), exited(100), spawned(110, 2)],
    [5_000, alive(2)],
  ];
  const { state, events, texts } = follow(
    ...start,
    [6_000, alive(3), exited(200), spawned(210, 3)],
  );
  assertEquals(state.phase.kind, "supervising");
  assertEquals(events.slice(-2), ["died 2 none", "spawned"]);
  assertEquals(texts.some((text) => text.includes("not exiting")), true, texts.join("\n"));
  const ended = follow(...start, [6_000, ENDED, exited(200)]);
  assertEquals(ended.state.phase.kind, "stopping");
});

Deno.test("decide() counts a run that began and ended between two looks, by how long it lasted", () => {
  const short = follow(
    [0, alive(1)],
    [2_000, alive(1)],
    [9_000, alive(3), stopped(100), spawned(110, 2), exited(500), spawned(510, 3)],
  );
  assertEquals(short.events.slice(2), ["halted", "spawned", "died 2 retry", "spawned"]);
  const long = follow(
    [0, alive(1)],
    [2_000, alive(1)],
    [9_000, alive(3), stopped(100), spawned(110, 2), exited(2_000), spawned(2_010, 3)],
  );
  assertEquals(long.events.slice(2), ["halted", "spawned", "died 2 recovery", "spawned"]);
  for (const { state, actions } of [short, long]) {
    assertEquals(state.engines.get(NAME)?.runs, 3);
    assertEquals(actions, ["sweep 1", "sweep 2"]);
  }
});

Deno.test("decide() reports a restart as one, in one look or in two", () => {
  for (
    const looks of [
      [[3_000, alive(2), stopped(0), spawned(10, 2)]],
      [[3_000, STOPPED, stopped(0)], [3_010, alive(2), spawned(10, 2)]],
    ] as [number, ProcessStatus, ...LifeStep[]][][]
  ) {
    const { texts, actions } = follow([0, alive(1)], [2_000, alive(1)], ...looks);
    assertEquals(texts.slice(1), [`${NAME} (pid 2) was restarted by an operator`]);
    assertEquals(actions, ["sweep 1"]);
  }
});

Deno.test("decide() keeps what explains an overtaken death with that death", () => {
  const death: Death = {
    cause: "gpu_out_of_memory",
    meaning: "m",
    evidence: ["line"],
    advice: "a",
  };
  const { texts } = follow(
    [0, alive(1)],
    [2_000, alive(1)],
    [3_000, alive(2), { kind: "exited", atMs: 0, exit: CODE_1, death }, spawned(10, 2)],
  );
  assertEquals(texts.some((text) => text.includes("line")), true, texts.join("\n"));
});
