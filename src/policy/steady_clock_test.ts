import { assert, assertEquals } from "@std/assert";
import { MOST_GAP_MS, SteadyClock, TICK_MS } from "./steady_clock.ts";
import type { Observation } from "./observation.ts";
import { decide, INITIAL_STATE, type Policy } from "./policy.ts";

Deno.test("SteadyClock.read() goes with the time while it is read often enough", () => {
  const clock = new SteadyClock(500);
  let readMs = 0;
  for (let nowMs = 500; nowMs <= 100_000; nowMs += TICK_MS) readMs = clock.read(nowMs);
  assertEquals([readMs, clock.lostMs], [99_500, 0]);
  assertEquals(clock.read(99_500 + MOST_GAP_MS), 99_500 + MOST_GAP_MS, "a busy machine");
});

Deno.test("SteadyClock.read() counts no more than one tick of a gap, and never goes back", () => {
  const clock = new SteadyClock(0);
  let lastMs = 0;
  let nowMs = 0;
  for (const gapMs of [12_000, 500, 3_600_000, 1_000, MOST_GAP_MS + 1]) {
    nowMs += gapMs;
    const readMs = clock.read(nowMs);
    assert(readMs >= lastMs && readMs - lastMs <= TICK_MS, `${readMs} after ${lastMs}`);
    lastMs = readMs;
  }
  assertEquals(clock.lostMs, nowMs - lastMs);
});

Deno.test("decide() with a SteadyClock counts neither a load's nor a stop's frozen time", () => {
  const policy: Policy = {
    programs: new Map([["e:e", {
      autostart: true,
      autorestart: "always",
      stopWaitMs: 30_000,
      hangGraceMs: 5_000,
      expectedCodes: new Set(),
      maxStartRetries: 3,
      maxRecoveryAttempts: 3,
      recoveryWindowMs: 60_000,
      startMs: 1_000,
      startupTimeoutMs: 10_000,
    }]]),
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
    swept: new Set(),
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
