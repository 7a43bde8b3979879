/** What a restart costs by how many there were before. */
import { decide, INITIAL_STATE, type Policy } from "../../src/policy/policy.ts";
import type { Observation, ProcessStatus } from "../../src/policy/observation.ts";
import { advanceStatus, INITIAL_STATUS } from "../../src/status/status.ts";
import type { Growth } from "./growth.ts";

const NAME = "llm_engine:llm_engine";

/** Each run lasts so long past its start, by the policy's clock, and is restarted at once, s. */
const LIFE_SECS = 11;

/** It counts as started from then on, ms. */
const STARTED_MS = 1_500;

/** The defaults but for the recoveries, which are unlimited. */
const POLICY: Policy = {
  shutdownGraceMs: 35_000,
  programs: new Map([[NAME, {
    ...{ autostart: true, autorestart: "always", expectedCodes: new Set<number>() },
    ...{ stopWaitMs: 30_000, hangGraceMs: 5_000, startMs: 1_000, maxStartRetries: 3 },
    ...{ maxRecoveryAttempts: Infinity, recoveryWindowMs: 3_600_000 },
  }]]),
};

/** So many come before the first that counts: code that runs for the first time is not compiled yet. */
const WARM_UP = 2_000;

function observe(status: ProcessStatus, isSwept: boolean): Observation {
  return {
    stopSignals: [],
    supervisord: { kind: "answering" },
    processes: [{ name: NAME, isEngine: true, isFatal: false, status }],
    swept: new Map(isSwept ? [[NAME, Infinity]] : []),
  };
}

/** Has the engine die so often. @returns What a restart took at the end, µs. */
function crash(times: number): number {
  const at = new Date(0);
  let [state, status] = [INITIAL_STATE, INITIAL_STATUS];
  let nowMs = 0;
  let starts = 0;
  const step = (observed: Observation) => {
    const decision = decide(POLICY, state, observed, nowMs);
    state = decision.state;
    for (const event of decision.events ?? []) status = advanceStatus(status, { ...event, at });
    starts += decision.actions.filter(({ kind }) => kind === "start").length;
  };
  const exit = { kind: "signal", signal: "SIGSEGV" } as const;
  // The last tenth is timed, or a hundred restarts where those are fewer.
  const timed = Math.max(1, Math.min(times, Math.max(100, times / 10)));
  let beganMs = performance.now();
  for (let count = 0; count < times; count++) {
    if (count === times - timed) beganMs = performance.now();
    step(observe({ kind: "alive", pid: count + 2 }, false));
    nowMs += STARTED_MS;
    step(observe({ kind: "alive", pid: count + 2 }, false));
    nowMs += LIFE_SECS * 1_000;
    step(observe({ kind: "ended", exit, spawnError: undefined }, false));
    nowMs += 10;
    step(observe({ kind: "ended", exit, spawnError: undefined }, true));
  }
  const tookMs = performance.now() - beganMs;
  if (starts !== times) throw new Error(`${starts} starts after ${times} deaths`);
  return tookMs * 1_000 / timed;
}

/** The policy and the record alone: bench/soak.ts has real crashes. */
export const RESTARTS: Growth = {
  name: "restarts",
  title: "Restarts",
  text:
    "The time that one more restart takes in the policy and the record of runs, after so many in " +
    `one run, of an engine that lives ${LIFE_SECS} s each time and may recover without limit. No ` +
    "process is started here: `bench/soak.ts` has real crashes.",
  xTitle: "earlier restarts",
  yTitle: "µs per restart",
  curves: ["policy and record"],
  sizes: [1, 10, 100, 1_000, 10_000],
  measure: (size) => {
    crash(WARM_UP);
    return Promise.resolve([crash(size)]);
  },
};
