import { assert, assertEquals } from "@std/assert";
import type { Action, Observation, ProcessObservation } from "./observation.ts";
import { STABLE_MS } from "./engine_death.ts";
import type { EnginePolicy } from "./engine_state.ts";
import { decide, INITIAL_STATE, type Policy, type PolicyState } from "./policy.ts";
import { reportExit } from "./outcome.ts";
import { SteadyClock, TICK_MS } from "./clock.ts";

const LIMITS: EnginePolicy = {
  autostart: true,
  autorestart: "always",
  stopWaitMs: 30_000,
  hangGraceMs: 5_000,
  expectedCodes: new Set(),
  maxStartRetries: 3,
  maxRecoveryAttempts: 3,
  recoveryWindowMs: 60_000,
  startMs: 1_000,
};

const POLICY: Policy = { programs: new Map([["e:e", LIMITS]]), shutdownGraceMs: 35_000 };

const ENGINE: ProcessObservation = {
  name: "e:e",
  isEngine: true,
  isFatal: false,
  status: { kind: "alive", pid: 1 },
};

const CALM: Observation = {
  stopSignals: [],
  supervisord: { kind: "answering" },
  processes: [ENGINE],
  swept: new Map(),
};

function kinds(actions: readonly Action[]): string[] {
  return actions.map(({ kind }) => kind).filter((kind) => kind !== "report");
}

Deno.test("decide() stops on a signal, kills on a second one, and ends when supervisord has ended", () => {
  let decision = decide(POLICY, INITIAL_STATE, { ...CALM, stopSignals: ["SIGTERM"] }, 0);
  assertEquals(kinds(decision.actions), ["shutdown"]);
  decision = decide(POLICY, decision.state, { ...CALM, stopSignals: ["SIGTERM"] }, 34_999);
  assertEquals(decision.actions, []);
  decision = decide(
    POLICY,
    decision.state,
    { ...CALM, stopSignals: ["SIGTERM", "SIGINT"] },
    35_000,
  );
  assertEquals(kinds(decision.actions), ["kill"]);
  const ended = {
    ...CALM,
    supervisord: { kind: "ended", code: 0, signal: undefined, hasAnswered: true },
  } as const;
  decision = decide(POLICY, decision.state, ended, 35_001);
  assertEquals(decision.state.phase, { kind: "done", outcome: { kind: "stopped", by: "SIGTERM" } });
});

Deno.test("decide() never kills before the grace period is over, and ends even if nothing dies", () => {
  const asked = { ...CALM, stopSignals: ["SIGTERM"] };
  let decision = decide(POLICY, INITIAL_STATE, asked, 0);
  decision = decide(POLICY, decision.state, asked, 35_000);
  assertEquals(kinds(decision.actions), ["kill"]);
  decision = decide(POLICY, decision.state, asked, 40_000);
  assertEquals(decision.state.phase.kind, "done");
});

Deno.test("decide() tells a supervisord that was shut down from one that failed", () => {
  const cases = [
    [0, undefined, true, "stopped"],
    [0, undefined, false, "supervisord_failed"],
    [2, undefined, true, "supervisord_failed"],
    [137, "SIGKILL", true, "supervisord_failed"],
  ] as const;
  for (const [code, signal, hasAnswered, kind] of cases) {
    const ended: Observation = {
      ...CALM,
      supervisord: { kind: "ended", code, signal, hasAnswered },
    };
    let { state } = decide(POLICY, INITIAL_STATE, ended, 0);
    state = decide(POLICY, state, ended, 1).state;
    assertEquals(state.phase.kind === "done" && state.phase.outcome.kind, kind);
  }
});

Deno.test("decide() waits for those who have time left after supervisord's end, and says who was killed", () => {
  const stopping = decide(POLICY, INITIAL_STATE, { ...CALM, stopSignals: ["SIGTERM"] }, 0).state;
  const ended = { kind: "ended", code: 0, signal: undefined, hasAnswered: true } as const;
  const look = (isWaiting: boolean | undefined, killed: string[] = []): Observation => ({
    ...CALM,
    stopSignals: ["SIGTERM"],
    supervisord: ended,
    stop: { isWaiting, killed },
  });
  const waiting = decide(POLICY, stopping, look(true), 1).state;
  assertEquals(waiting.phase.kind, "stopping");
  const outcome = { kind: "stopped", by: "SIGTERM" } as const;
  for (const isWaiting of [false, undefined]) {
    assertEquals(decide(POLICY, waiting, look(isWaiting), 2).state.phase, {
      kind: "done",
      outcome,
    });
  }
  assertEquals(decide(POLICY, waiting, look(false, ["x was killed"]), 2).state.phase, {
    kind: "done",
    outcome: { ...outcome, killed: ["x was killed"] },
  });
});

Deno.test("decide() waits for a silent supervisord, and kills a hung one", () => {
  const silent = { ...CALM, supervisord: { kind: "silent", hung: false } } as const;
  assertEquals(decide(POLICY, INITIAL_STATE, silent, 0).actions, []);
  const hung = { ...CALM, supervisord: { kind: "silent", hung: true } } as const;
  const decision = decide(POLICY, INITIAL_STATE, hung, 0);
  assertEquals(kinds(decision.actions), ["kill"]);
});

Deno.test("decide() warns of another program's giving up, once", () => {
  const fatal: ProcessObservation = {
    name: "web:web",
    isEngine: false,
    isFatal: true,
    status: { kind: "ended", exit: { kind: "code", code: 1 }, spawnError: "Exited too quickly" },
  };
  let decision = decide(POLICY, INITIAL_STATE, { ...CALM, processes: [ENGINE, fatal] }, 0);
  assertEquals(decision.actions.map(({ kind }) => kind), ["report"]);
  decision = decide(POLICY, decision.state, { ...CALM, processes: [ENGINE, fatal] }, 1);
  assertEquals(decision.actions, []);
});

Deno.test("decide() holds a critical program to limits of its own, and ends the container with it", () => {
  const web: EnginePolicy = {
    ...LIMITS,
    autorestart: "unexpected",
    expectedCodes: new Set([0]),
    maxStartRetries: 1,
    maxRecoveryAttempts: 1,
  };
  const policy: Policy = { ...POLICY, programs: new Map([["e:e", LIMITS], ["w:w", web]]) };
  /** The starts of the critical program, and the exit code, where it lives so long and ends so. */
  const live = (lifeMs: number, code: number, more: Partial<ProcessObservation> = {}) => {
    let state: PolicyState = INITIAL_STATE;
    let starts = 0;
    for (let now = 0, pid = 2; now < 600_000; pid++) {
      starts++;
      const look = (status: ProcessObservation["status"]): Observation => ({
        ...CALM,
        processes: [ENGINE, {
          name: "w:w",
          isEngine: false,
          isFatal: false,
          ...more,
          status: more.status ?? status,
        }],
        swept: new Map([["w:w", Infinity]]),
      });
      state = decide(policy, state, look({ kind: "alive", pid }), now).state;
      now += lifeMs;
      for (;; now += 500) {
        const exit = { kind: "code", code } as const;
        const ended = look({ kind: "ended", exit, spawnError: undefined });
        const decision = decide(policy, state, ended, now);
        state = decision.state;
        if (state.phase.kind === "stopping") {
          return { starts, ...reportExit(state.phase.outcome), outcome: state.phase.outcome.kind };
        }
        assertEquals(state.engines.get("e:e")?.run.kind, "up", "the engine is left alone");
        if (decision.actions.some(({ kind }) => kind === "start")) break;
      }
    }
    throw new Error("It never ended");
  };
  const cases: [number, number, Partial<ProcessObservation>, { starts: number; says: string }][] = [
    // An end that calls for no restart is the container's, and never a success.
    [5_000, 0, {}, { starts: 1, says: "w:w, a critical program, ended with exit code 0" }],
    [0, 3, {}, { starts: 2, says: "2 failed starts in a row" }],
    [5_000, 3, {}, { starts: 2, says: "1 of 1 recoveries within 60 s are used up" }],
    [0, 3, {
      isFatal: true,
      status: { kind: "ended", exit: { kind: "code", code: 1 }, spawnError: "can't find command" },
    }, { starts: 1, says: "w:w, a critical program, cannot be started: can't find command" }],
  ];
  for (const [lifeMs, code, more, { starts, says }] of cases) {
    const end = live(lifeMs, code, more);
    assertEquals([end.starts, end.code, end.outcome], [starts, 1, "gave_up"], says);
    assert(end.text.includes(says), `${end.text} does not say ${says}`);
  }
});

Deno.test("decide() waits for no probe of a critical program, which is the engine's alone", () => {
  const policy: Policy = {
    ...POLICY,
    programs: new Map([["e:e", { ...LIMITS, startupTimeoutMs: 60_000 }], ["w:w", LIMITS]]),
  };
  const look = { ...CALM, processes: [ENGINE, { ...ENGINE, name: "w:w", isEngine: false }] };
  const loading = { ...look, ready: new Set<string>() };
  const { state } = decide(policy, INITIAL_STATE, loading, 0);
  const later = decide(policy, state, loading, 1_000);
  const started = (name: string) => {
    const run = later.state.engines.get(name)?.run;
    return run?.kind === "up" && run.startedAtMs !== undefined;
  };
  assertEquals([started("e:e"), started("w:w")], [false, true]);
});

Deno.test("decide() does not wait indefinitely for an engine that goes by another name", () => {
  const other = { ...ENGINE, name: "x:y", isEngine: false };
  const decision = decide(POLICY, INITIAL_STATE, { ...CALM, processes: [other] }, 0);
  assertEquals(kinds(decision.actions), ["shutdown"]);
});

/** xorshift32: the same sequence every time for one seed. */
function createRandom(seed: number): (below: number) => number {
  let x = seed;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

function randomObservation(random: (below: number) => number, stopSignals: string[]): Observation {
  if (random(2_000) === 0) stopSignals.push("SIGTERM");
  const exit = random(2) === 0
    ? { kind: "code", code: random(256) } as const
    : { kind: "signal", signal: "SIGKILL" } as const;
  const statuses = [
    { kind: "alive", pid: 1 + random(3) },
    { kind: "ended", exit, spawnError: undefined },
    { kind: "stopped" },
    { kind: "stopping" },
  ] as const;
  const supervisords = [
    { kind: "starting" },
    { kind: "silent", hung: random(500) === 0 },
    { kind: "ended", code: random(2), signal: undefined, hasAnswered: true },
  ] as const;
  return {
    stopSignals: [...stopSignals],
    supervisord: random(50) > 0
      ? { kind: "answering" }
      : supervisords[random(20) > 0 ? random(2) : 2] ?? { kind: "answering" },
    processes: [{ ...ENGINE, status: statuses[random(4)] ?? { kind: "stopped" } }],
    swept: random(3) > 0 ? new Map([["e:e", Infinity]]) : new Map(),
  };
}

/**
 * Counts restarts as an onlooker does, who knows nothing of the policy's state: what it ordered, and how long each
 * run was seen to last.
 */
class Onlooker {
  #startsMs: number[] = [];
  #pid: number | undefined;
  #sinceMs: number | undefined;
  /** Whether it has been ordered and not been seen yet: an order that was not heard is given again. */
  #isOrdered = true;

  /** Records what was seen, and of what was ordered then. */
  look(observation: Observation, actions: readonly Action[], nowMs: number): void {
    const [process] = observation.processes;
    if (observation.supervisord.kind === "answering" && process !== undefined) {
      const pid = process.status.kind === "alive" ? process.status.pid : undefined;
      if (pid !== this.#pid) {
        // A run that was stable begins both counts again.
        const lastedMs = nowMs - (this.#sinceMs ?? nowMs);
        if (lastedMs >= LIMITS.startMs + STABLE_MS) this.#startsMs = [];
        this.#sinceMs = pid === undefined ? undefined : nowMs;
      }
      this.#pid = pid;
      if (/^(alive|ended)$/.test(process.status.kind)) this.#isOrdered = false;
    }
    for (const { kind } of actions) {
      if (kind !== "start") continue;
      if (!this.#isOrdered) this.#startsMs.push(nowMs); // Nor is its first start a restart.
      this.#isOrdered = true;
      this.#pid = undefined;
      this.#sinceMs = nowMs;
    }
  }

  /** The restarts of the last window, without those before a stable run. */
  count(windowMs: number, nowMs: number): number {
    return this.#startsMs.filter((at) => nowMs - at < windowMs).length;
  }
}

Deno.test("decide() keeps its promises over 100,000 random observations", () => {
  const random = createRandom(20261123);
  const ends = new Map<string, number>();
  let mostRestarts = 0;
  for (let seen = 0; seen < 100_000;) {
    const limits: EnginePolicy = {
      ...LIMITS,
      maxStartRetries: random(4),
      maxRecoveryAttempts: random(4),
      autorestart: random(10) === 0 ? "never" : "always",
    };
    const policy: Policy = { ...POLICY, programs: new Map([["e:e", limits]]) };
    const stopSignals: string[] = [];
    const onlooker = new Onlooker();
    let state: PolicyState = INITIAL_STATE;
    let killed = 0;
    let now = 0;
    for (let step = 0; step < 3_000 && state.phase.kind !== "done"; step++, seen++) {
      now += random(3_000);
      const observation = randomObservation(random, stopSignals);
      const { state: next, actions } = decide(policy, state, observation, now);
      const starts = actions.filter(({ kind }) => kind === "start").length;
      assert(starts <= 1 && (starts === 0 || state.phase.kind === "supervising"));
      onlooker.look(observation, actions, now);
      const restarts = onlooker.count(limits.recoveryWindowMs, now);
      mostRestarts = Math.max(mostRestarts, restarts);
      const most = limits.maxStartRetries + limits.maxRecoveryAttempts;
      assert(restarts <= most, `${restarts} restarts in a window, of ${most}`);
      assert(restarts === 0 || limits.autorestart !== "never", "restarted what must not be");
      killed += actions.filter(({ kind }) => kind === "kill").length;
      assert(killed <= 1, "killed twice");
      state = next;
    }
    // However it went on until now, it ends once supervisord does, and then says nothing more.
    const ended: Observation = {
      ...CALM,
      stopSignals,
      supervisord: { kind: "ended", code: 0, signal: undefined, hasAnswered: true },
    };
    const last = decide(policy, decide(policy, state, ended, now).state, ended, now);
    assert(last.state.phase.kind === "done", "did not end");
    const outcome = last.state.phase.kind === "done" ? last.state.phase.outcome.kind : "none";
    ends.set(outcome, (ends.get(outcome) ?? 0) + 1);
    const after = decide(policy, last.state, randomObservation(random, stopSignals), now + 1);
    assertEquals([after.actions, after.state], [[], last.state]);
  }
  assert(mostRestarts >= 4, `no more than ${mostRestarts} restarts were ever seen in a window`);
  for (const kind of ["stopped", "gave_up", "engine_ended", "supervisord_failed"]) {
    assert((ends.get(kind) ?? 0) > 10, `${kind} was hardly reached: ${JSON.stringify([...ends])}`);
  }
});

Deno.test("decide() with a SteadyClock counts neither a load's nor a stop's frozen time", () => {
  const policy: Policy = {
    programs: new Map([["e:e", { ...LIMITS, startupTimeoutMs: 10_000 }]]),
    shutdownGraceMs: 35_000,
  };
  const loading: Observation = {
    stopSignals: [],
    supervisord: { kind: "answering" },
    processes: [{
      name: "e:e",
      isEngine: true,
      isFatal: false,
      status: { kind: "alive", pid: 1 },
    }],
    swept: new Map(),
    ready: new Set(),
  };
  const clock = new SteadyClock(0);
  let nowMs = 0;
  let state = INITIAL_STATE;
  /** What is ordered after so much time, read every second but for a freeze at its beginning. */
  const pass = (observation: Observation, frozenMs: number, runningMs: number): string[] => {
    const kinds: string[] = [];
    nowMs += frozenMs;
    for (const untilMs = nowMs + runningMs; nowMs <= untilMs; nowMs += TICK_MS) {
      const decision = decide(policy, state, observation, clock.read(nowMs));
      state = decision.state;
      kinds.push(...decision.actions.map(({ kind }) => kind));
    }
    return kinds;
  };
  assertEquals(pass(loading, 0, 2_000), []);
  assertEquals(pass(loading, 12_000, 5_000), [], "frozen for longer than the startup timeout");
  const stopping = { ...loading, stopSignals: ["SIGTERM"] };
  assertEquals(pass(stopping, 0, 5_000), ["report", "shutdown"]);
  assertEquals(pass(stopping, 60_000, 20_000), [], "frozen for longer than the grace");
  assert(pass(stopping, 0, 20_000).includes("kill"), "but the grace does end");
});

Deno.test("decide() condemns and starts nothing while supervisord stops everything by itself", () => {
  const limits = { ...LIMITS, startupTimeoutMs: 1_000 };
  const policy: Policy = { ...POLICY, programs: new Map([["e:e", limits]]) };
  const loading = { ...CALM, ready: new Set<string>() };
  const { state } = decide(policy, INITIAL_STATE, loading, 0);
  const ending: Observation = { ...CALM, supervisord: { kind: "answering", isEnding: true } };
  const drained = decide(policy, state, ending, 2_000);
  assertEquals(kinds(drained.actions), []);
  assertEquals(drained.events?.map(({ kind }) => kind), ["draining"]);
  assertEquals(decide(policy, drained.state, ending, 3_000).events, []);
  assertEquals(kinds(decide(policy, state, loading, 2_000).actions), ["stop"]);
});
