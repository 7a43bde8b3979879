/** Launches in each state as events, told the way a real one tells them. */
import type { Instance } from "../../src/status/instance.ts";
import type { EventPayload } from "../../src/events/launch_event.ts";
import { advanceStatus, INITIAL_STATUS, type SupervisionStatus } from "../../src/status/status.ts";

const name = "llm_engine:llm_engine";

/** An instance to show. */
export const INSTANCE: Instance = {
  pid: 1,
  startTicks: "100",
  supervisordPid: 7,
  version: "0.1.0",
  startedAt: new Date(Date.now() - 9_000_000),
  configPath: "/tmp/supervisord.conf",
  engine: "vllm",
  command: ["vllm", "serve", "meta-llama/Llama-3.1-8B-Instruct", "--port", "8000"],
  engineNames: new Set([name]),
  limits: new Map([[name, {
    maxStartRetries: 3,
    maxRecoveryAttempts: 3,
    recoveryWindowMs: 3_600_000,
  }]]),
};

const HOSTILE =
  `torch.OutOfMemoryError: <img src=x onerror="document.title='owned'"> </pre><script>document.title='owned'</script>`;

const spawned = (run: number): EventPayload => ({ kind: "spawned", name, run, pid: 40 + run });
const started = (run: number): EventPayload => ({
  ...{ kind: "started", name, run, pid: 40 + run, afterMs: 90_000 },
});
const died = (
  run: number,
  next: Extract<EventPayload, { kind: "died" }>["next"],
): EventPayload => ({
  ...{ kind: "died", name, run, pid: 40 + run, afterMs: 2_000_000 },
  ...{ exit: { kind: "code", code: 1 }, wasStarted: next.kind === "recovery" },
  failedStarts: next.kind === "retry" ? next.count : 0,
  death: {
    cause: "gpu_out_of_memory",
    meaning: "the GPU has too little free memory",
    evidence: [HOSTILE, "api_key=sk-secret was refused"],
    advice: "Ask for less GPU memory.",
  },
  next,
});
const swept = (run: number): EventPayload => ({
  kind: "swept",
  name,
  run,
  orphans: 2,
  afterMs: 20,
});
const sidecar: EventPayload = {
  ...{ kind: "program", name: "metrics:metrics", state: "running", pid: 90, exit: undefined },
};

/** What has happened, and how many seconds ago. */
type Story = readonly (readonly [number, EventPayload])[];

const SERVED: Story = [
  [8_900, sidecar],
  [8_900, spawned(1)],
  [8_780, started(1)],
  [5_200, died(1, { kind: "recovery", count: 1, limit: 3, delayMs: 0 })],
  [5_200, swept(1)],
  [5_199, spawned(2)],
  [5_090, { kind: "recovered", name, run: 2, pid: 42, afterMs: 109_000, downMs: 110_000 }],
];

/** Each state that the page must show, with what leads to it. */
export const STORIES: Readonly<Record<string, Story>> = {
  installing: [[30, { kind: "installing" }]],
  loading: [[40, spawned(1)], [1, { kind: "probe", reason: "HTTP status 503" }]],
  running: [...SERVED, [5_000, { kind: "probe", reason: undefined }]],
  backing_off: [
    ...SERVED,
    [120, died(2, { kind: "retry", count: 1, limit: 3, delayMs: 600_000 })],
    [120, swept(2)],
  ],
  recovering: [
    ...SERVED,
    [60, died(2, { kind: "recovery", count: 2, limit: 3, delayMs: 0 })],
    [60, swept(2)],
    [59, spawned(3)],
  ],
  unhealthy: [...SERVED, [8, {
    ...{ kind: "unhealthy", name, run: 2, pid: 42 },
    reason: "3 failed probes in a row, the last: no answer within 5 s",
  }]],
  draining: [...SERVED, [4, { kind: "stopping", reason: "SIGTERM came" }]],
  gave_up: [
    ...SERVED,
    [60, died(2, { kind: "none", rule: "recovery_limit" })],
    [59, {
      kind: "gaveUp",
      outcome: { kind: "gave_up", reason: "recovery limit", lastExit: { kind: "code", code: 1 } },
      exit: { code: 1, text: "gave up: 3 recoveries within 3600 s are all there may be" },
    }],
  ],
};

/** The status that a story leads to. */
export function tell(story: Story): SupervisionStatus {
  return story.reduce(
    (status, [secondsAgo, happening]) =>
      advanceStatus(status, { ...happening, at: new Date(Date.now() - secondsAgo * 1_000) }),
    INITIAL_STATUS,
  );
}
