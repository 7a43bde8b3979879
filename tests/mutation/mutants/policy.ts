/** Mistakes of the policy: limits, back-off, ends. */
import { type Mutant, mutate } from "../mutant.ts";

const POLICY = { files: ["src/policy/policy_test.ts", "src/policy/stopping_test.ts"] };
const ENGINE = {
  files: ["src/policy/engine_policy_test.ts", "src/policy/engine_death_test.ts"],
};
const HELD = { files: ["src/policy/held_start_test.ts"] };
const EVENTS = { files: ["src/policy/engine_event_test.ts"] };

const WHOLE: readonly Mutant[] = [
  ...mutate("src/policy/policy.ts", POLICY, [
    [
      "ends with supervisord though somebody has time left",
      "const hasTime = observation.stop?.isWaiting === true && !phase.killed;",
      "const hasTime = false && !phase.killed;",
    ],
    [
      "takes no second signal for impatience",
      "if (!phase.killed && (impatient || nowMs >= phase.deadlineMs)) {",
      "if (!phase.killed && nowMs >= phase.deadlineMs) {",
    ],
    [
      "waits indefinitely for what SIGKILL cannot end",
      "if (phase.killed && nowMs >= phase.deadlineMs) {",
      "if (phase.killed && nowMs < 0) {",
    ],
    [
      "takes the first signal after `supervisorctl shutdown` for a second one",
      `stopSignalsSeen: Math.max(observation.stopSignals.length, outcome.kind === "stopped" ? 1 : 0),`,
      "stopSignalsSeen: observation.stopSignals.length,",
    ],
    [
      "ends at once where supervisord was shut down by hand",
      `if (outcome.kind !== "stopped") return finish(state, outcome);`,
      "if (outcome.kind) return finish(state, outcome);",
    ],
    [
      "takes a supervisord that is silent for one that hangs",
      `if (supervisord.kind === "silent" && supervisord.hung) {`,
      `if (supervisord.kind === "silent") {`,
    ],
    [
      "waits for an engine that has another name",
      "if (!observation.processes.some(({ isEngine }) => isEngine)) {",
      "if (observation.processes.length === 0) {",
    ],
    [
      "tells of a program that was given up at every look",
      "} else if (process.isFatal && !fatal.has(process.name)) {",
      "} else if (process.isFatal) {",
    ],
    [
      "tells only once that a program was given up, though it has run since",
      "fatal.delete(process.name);",
      "fatal.has(process.name);",
    ],
    [
      "ends with 0 where a critical program did",
      `const outcome = process.isEngine
          ? decision.outcome
          : outcomeOfCritical(process.name, decision.outcome);`,
      "const outcome = decision.outcome;",
    ],
    [
      "waits for those of an engine that cannot be killed",
      "const begun = decision.isHopeless === true",
      "const begun = decision.isHopeless === undefined",
    ],
    ["comes back at the later of two times", "return Math.min(a, b);", "return Math.max(a, b);"],
  ]),
  ...mutate("src/policy/endings.ts", POLICY, [
    [
      "takes a supervisord that never answered for one that was shut down",
      "supervisord.signal === undefined && supervisord.hasAnswered) {",
      "supervisord.signal === undefined) {",
    ],
    [
      "does not say who was killed",
      "...(killed.length === 0 ? {} : { killed }),",
      "...(killed.length >= 0 ? {} : { killed }),",
    ],
  ]),
  ...mutate("src/policy/clock.ts", POLICY, [
    [
      "counts the time in which the container was frozen",
      "if (gapMs > MAX_GAP_MS) this.#lostMs += gapMs - TICK_MS;",
      "if (gapMs > MAX_GAP_MS) this.#lostMs += 0;",
    ],
  ]),
];

const DEATHS: readonly Mutant[] = [
  ...mutate("src/policy/engine_death.ts", ENGINE, [
    [
      "takes a run for stable a moment late",
      "nowMs - (run.startedAtMs ?? run.sinceMs + policy.startMs) >= STABLE_MS;",
      "nowMs - (run.startedAtMs ?? run.sinceMs + policy.startMs) > STABLE_MS;",
    ],
    [
      "forgets failed starts at the first good one",
      "failedStarts: stable ? 0 : state.failedStarts,",
      "failedStarts: started ? 0 : state.failedStarts,",
    ],
    [
      "forgets no failed start after a stable run",
      "failedStarts: stable ? 0 : state.failedStarts,",
      "failedStarts: state.failedStarts,",
    ],
    [
      "counts recoveries indefinitely",
      "nowMs - at < policy.recoveryWindowMs);",
      "nowMs - at < Infinity);",
    ],
    [
      "allows one recovery too many",
      "if (recoveriesMs.length >= policy.maxRecoveryAttempts) {",
      "if (recoveriesMs.length > policy.maxRecoveryAttempts) {",
    ],
    [
      "allows one failed start too few",
      "if (failedStarts > policy.maxStartRetries) {",
      "if (failedStarts >= policy.maxStartRetries) {",
    ],
    [
      "lets the first crash of a short run wait",
      "Math.max(0, died.shortRuns - 1) * BACK_OFF_STEP_MS,",
      "Math.max(0, died.shortRuns) * BACK_OFF_STEP_MS,",
    ],
    [
      "lets the pause grow indefinitely",
      `      MAX_BACK_OFF_MS,
    );`,
      `      Infinity,
    );`,
    ],
    [
      "retries a failed start at once",
      "const backOffMs = failedStarts * BACK_OFF_STEP_MS;",
      "const backOffMs = 0 * BACK_OFF_STEP_MS;",
    ],
    [
      "takes a server that had worked and ended with 0 for one that daemonized",
      "exit.code === 0 && !stable && daemons.length > 0) {",
      "exit.code === 0 && daemons.length > 0) {",
    ],
    [
      "takes a death by signal for an expected end",
      `return exit?.kind !== "code" || !policy.expectedCodes.has(exit.code);`,
      `return exit?.kind === "code" && !policy.expectedCodes.has(exit.code);`,
    ],
    [
      "lets startsecs start what loads yet",
      "(policy.startupTimeoutMs === undefined && !observation.loading?.has(name) &&",
      "(policy.startupTimeoutMs === undefined &&",
    ],
    [
      "takes a crash at the border of startsecs for a failed start",
      "lifeMs >= policy.startMs);",
      "lifeMs > policy.startMs);",
    ],
    [
      "gives up on a cause though it was told to retry it",
      "const hopeless = death === undefined || policy.retriesHopeless",
      "const hopeless = death === undefined",
    ],
    [
      "takes a command line for wrong that has worked before",
      "findHopelessness(death, died.hasStarted === true);",
      "findHopelessness(death, false);",
    ],
    [
      "does not tell why it was stopped",
      "evidence: [run.condemned.reason, ...death.evidence].slice(0, 3)",
      "evidence: [...death.evidence].slice(0, 3)",
    ],
    [
      "remembers every recovery though nothing limits them",
      "recoveriesMs: policy.maxRecoveryAttempts === Infinity ? [] : [...recoveriesMs, nowMs],",
      "recoveriesMs: [...recoveriesMs, nowMs],",
    ],
    [
      "lets the others of a group wait for its own grace",
      "isHopeless: true, // The others wait for us: nothing is waited for here.",
      "isHopeless: false,",
    ],
  ]),
  ...mutate("src/policy/engine_death.ts", EVENTS, [
    [
      "takes a failed start for a run that had started",
      "wasStarted: started,",
      "wasStarted: !started,",
    ],
  ]),
  ...mutate(
    "src/policy/engine_death.ts",
    { files: ["src/status/status_test.ts", ...ENGINE.files] },
    [
      [
        "counts no run that died before it was seen",
        "runs: state.runs + (run.pid === undefined ? 1 : 0), // Dead before it was seen.",
        "runs: state.runs,",
      ],
    ],
  ),
];

const STEPS: readonly Mutant[] = [
  ...mutate("src/policy/engine_policy.ts", ENGINE, [
    [
      "does not see that somebody has replaced a run",
      `if (run.kind === "up" && (run.pid === undefined || run.pid === status.pid)) {`,
      `if (run.kind === "up") {`,
    ],
    [
      "starts what autostart=false says must not be",
      `if (run.kind === "new" && policy.autostart) return start(state, name, nowMs);`,
      `if (run.kind === "new") return start(state, name, nowMs);`,
    ],
    [
      "starts again what somebody has stopped",
      "if (status.isNew === true && policy.autostart) {",
      "if (policy.autostart) {",
    ],
    [
      "orders a start again at every look",
      "if (nowMs < dueMs) return { state, actions: [], wakeAtMs: dueMs };",
      "if (nowMs < 0) return { state, actions: [], wakeAtMs: dueMs };",
    ],
    [
      "tells at every look that somebody stops it",
      "if (pid === undefined || isDrainSaid) return { state, actions: [] };",
      "if (pid === undefined) return { state, actions: [] };",
    ],
  ]),
  ...mutate("src/policy/held_start.ts", HELD, [
    [
      "starts before the dead run is swept and all is clear",
      "const isDue = isCleared && nowMs >= run.untilMs;",
      "const isDue = nowMs >= run.untilMs;",
    ],
    [
      "waits for no back-off",
      "const isDue = isCleared && nowMs >= run.untilMs;",
      "const isDue = isCleared;",
    ],
    [
      "takes an engine that an operator has started for a held one",
      "if (held === undefined || !wasSpawned || (hasHeld && held.pid !== status.pid)) {",
      "if (held === undefined || (hasHeld && held.pid !== status.pid)) {",
    ],
    [
      "takes the engine of an operator's restart for the held one",
      "if (held === undefined || !wasSpawned || (hasHeld && held.pid !== status.pid)) {",
      "if (held === undefined || !wasSpawned) {",
    ],
  ]),
  ...mutate("src/policy/replay.ts", { files: ["src/policy/replay_test.ts"] }, [
    [
      "ends though an operator has started the engine again",
      "if (!moment.isOvertaken) break;",
      "if (!moment.isOvertaken || moment.isPast) break;",
    ],
    [
      "takes every step for one of now",
      "atMs: nowMs - Math.max(0, (newest?.atMs ?? 0) - step.atMs),",
      "atMs: nowMs,",
    ],
    [
      "counts what the status shows a second time",
      "const past = isStepOf(newest, status) ? steps.slice(0, -1) : steps;",
      "const past = steps;",
    ],
  ]),
  ...mutate("src/policy/operator.ts", ENGINE, [
    [
      "leaves what a replaced run left behind",
      `if (run.kind !== "up") return decision;`,
      `if (run.kind) return decision;`,
    ],
    [
      "reports every restart as a stop",
      "if (nowMs < sinceMs + RESTART_GAP_MS.max) {",
      "if (nowMs < sinceMs) {",
    ],
  ]),
  ...mutate("src/policy/engine_up.ts", ENGINE, [
    [
      "lets startsecs pass a moment late",
      `const dueMs = run.sinceMs + policy.startMs;
    if (nowMs < dueMs) return stay(run, [], dueMs);`,
      `const dueMs = run.sinceMs + policy.startMs;
    if (nowMs <= dueMs) return stay(run, [], dueMs);`,
    ],
    [
      "does not condemn what is never ready",
      "return condemn(`not ready after ${policy.startupTimeoutMs / 1000} s`);",
      "return stay(run, []);",
    ],
    [
      "does not condemn what is unhealthy",
      "if (unhealthy !== undefined) return condemn(`unhealthy: ${unhealthy.reason}`);",
      "if (unhealthy?.reason === name) return condemn(`unhealthy: ${unhealthy.reason}`);",
    ],
  ]),
  ...mutate("src/policy/unhealthy.ts", POLICY, [
    [
      "kills a process that hangs at every look",
      "if (condemned.killedMs === undefined && nowMs >= killMs) {",
      "if (nowMs >= killMs) {",
    ],
    [
      "never kills what ignores its stop",
      "if (condemned.killedMs === undefined && nowMs >= killMs) {",
      "if (condemned.killedMs === undefined && nowMs < 0) {",
    ],
    [
      "never gives up on what cannot be killed",
      "if (nowMs >= hopelessMs) {",
      "if (nowMs < 0) {",
    ],
    [
      "gives no order again that supervisord has not heard",
      "} else if (condemned.killedMs === undefined && nowMs >= orderMs) {",
      "} else if (condemned.killedMs === undefined && nowMs < 0) {",
    ],
  ]),
  ...mutate("src/policy/condemn.ts", ENGINE, [
    [
      "stops a hang before its evidence is kept",
      "if (nowMs < evidenceUntilMs && observation.evidenced?.has(name) !== true) {",
      "if (nowMs < 0 && observation.evidenced?.has(name) !== true) {",
    ],
    [
      "waits for evidence longer than was asked",
      "if (nowMs < evidenceUntilMs && observation.evidenced?.has(name) !== true) {",
      "if (observation.evidenced?.has(name) !== true) {",
    ],
  ]),
];

const RECYCLING = { files: ["src/policy/recycle_test.ts"] };

const RECYCLES: readonly Mutant[] = [
  ...mutate("src/policy/unhealthy.ts", RECYCLING, [
    [
      "gives a recycled engine the grace of a hang",
      "(condemned.isPlanned ? policy.stopWaitMs : policy.hangGraceMs);",
      "policy.hangGraceMs;",
    ],
  ]),
  ...mutate("src/policy/recycle.ts", RECYCLING, [
    [
      "recycles an engine whose requests run",
      "const isDue = use.isIdle === true ||",
      "const isDue = use.isIdle !== undefined ||",
    ],
    [
      "recycles one that is exactly at its limit",
      "use.usedBytes <= memory.limitBytes) {",
      "use.usedBytes < memory.limitBytes) {",
    ],
    [
      "recycles again and again what is past its limit once it has loaded",
      "nowMs - state.recycledAtMs < RECYCLE_EVERY_MS;",
      "nowMs - state.recycledAtMs < 0;",
    ],
  ]),
  ...mutate("src/policy/engine_death.ts", RECYCLING, [
    [
      "recycles a member of a group behind the others' backs",
      "if (run.condemned?.isPlanned && policy.group === undefined) {",
      "if (run.condemned?.isPlanned) {",
    ],
    [
      "counts a recycling as a crash",
      "shortRuns: state.shortRuns,",
      "shortRuns: died.shortRuns,",
    ],
  ]),
];

const OUTCOMES: readonly Mutant[] = [
  ...mutate("src/policy/outcome.ts", { files: ["src/policy/outcome_test.ts"] }, [
    [
      "ends a group's member with 0",
      "code: exitToCode(outcome.exit) || (outcome.group === undefined ? 0 : 1),",
      "code: exitToCode(outcome.exit),",
    ],
    [
      "gives up with 0 where the engine ended so",
      "exitToCode(outcome.lastExit) || 1;",
      "exitToCode(outcome.lastExit);",
    ],
  ]),
  ...mutate("src/policy/cause.ts", ENGINE, [
    [
      "gives up on a GPU that is not ready yet",
      "return evidence.some((line) => NOT_YET.test(line) || WITHOUT_GPU.test(line))",
      "return evidence.some((line) => WITHOUT_GPU.test(line))",
    ],
    [
      "gives up on a port that nobody holds any more",
      "return portHolder === undefined",
      "return portHolder === null",
    ],
  ]),
  ...mutate("src/policy/child_deaths.ts", { files: ["src/policy/child_deaths_test.ts"] }, [
    [
      "takes the commands of a shell for workers",
      "if (deaths.isSaid || !isWorker || lifeMs >= SHORT_LIFE_MS)",
      "if (deaths.isSaid || lifeMs >= SHORT_LIFE_MS)",
    ],
    [
      "tells again and again that workers die",
      "deaths: { diedMs: [], isSaid: true },",
      "deaths: { diedMs: [], isSaid: false },",
    ],
  ]),
];

/** Every one. */
export const POLICY_MUTANTS: readonly Mutant[] = [
  ...WHOLE,
  ...DEATHS,
  ...STEPS,
  ...RECYCLES,
  ...OUTCOMES,
];
