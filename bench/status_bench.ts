import { maskText } from "../src/formats/secrets.ts";
import { renderEvent } from "../src/log/logger.ts";
import { readScrape } from "../src/health/engine_progress.ts";
import { renderEventRecord } from "../src/events/event_record.ts";
import type { EventPayload, LaunchEvent } from "../src/events/launch_event.ts";
import { Metrics, NO_PROBES } from "../src/status/metrics.ts";
import { advanceStatus, INITIAL_STATUS } from "../src/status/status.ts";
import { renderStatus } from "../src/status/status_document.ts";
import { renderStatusTable } from "../src/status/status_table.ts";

const NAME = "llm_engine:llm_engine";
const DEATH = {
  cause: "gpu_out_of_memory",
  meaning: "the GPU has too little free memory",
  evidence: ["torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 232.00 MiB."],
  advice: "Ask for less GPU memory.",
} as const;

/** A hundred crashes and as many recoveries. */
const EVENTS: readonly LaunchEvent[] = Array.from({ length: 100 }, (_, at): EventPayload[] => {
  const which = { name: NAME, run: at + 1, pid: 1_000 + at };
  return [
    { kind: "spawned", ...which },
    { kind: "recovered", ...which, afterMs: 30_000, downMs: 31_000 },
    { kind: "probe", reason: undefined },
    {
      ...{ kind: "died", ...which, exit: { kind: "code", code: 1 }, afterMs: 60_000 },
      ...{ wasStarted: true, failedStarts: 0, death: DEATH },
      next: { kind: "recovery", count: 1, limit: Infinity, delayMs: 0 },
    },
    { kind: "swept", name: NAME, run: at + 1, orphans: 2, afterMs: 3 },
  ];
}).flat().map((happening, second) => ({ ...happening, at: new Date(second * 1_000) }));

const limits = { maxStartRetries: 3, maxRecoveryAttempts: 3, recoveryWindowMs: 60_000 };
const instance = {
  ...{ pid: 1, startTicks: undefined, supervisordPid: 2, version: "1.2.3" },
  ...{ startedAt: new Date(0), configPath: "/tmp/x", engine: "vllm", command: ["vllm", "serve"] },
  engineNames: new Set([NAME]),
  limits: new Map([[NAME, limits]]),
};
const now = new Date(1_000_000);
const status = EVENTS.reduce(advanceStatus, INITIAL_STATUS);
const document = renderStatus(status, instance, now);
const metrics = new Metrics();
for (const event of EVENTS) metrics.note(event);
const death = EVENTS.find(({ kind }) => kind === "died")!;

Deno.bench("advanceStatus() over 500 events", () => {
  EVENTS.reduce(advanceStatus, INITIAL_STATUS);
});

Deno.bench("renderStatus() and its JSON, 32 runs", () => {
  JSON.stringify(renderStatus(status, instance, now));
});

Deno.bench("renderStatusTable()", () => {
  renderStatusTable(document, { now, isColoured: true });
});

Deno.bench("Metrics.render()", () => {
  metrics.render(document, "4.3.0", NO_PROBES);
});

Deno.bench("renderEventRecord() of a death", () => {
  renderEventRecord(death, 1);
});

Deno.bench("renderEvent() of a log line", () => {
  renderEvent("text", "warn", "llm_engine:llm_engine ended with exit code 1", {}, now);
});

Deno.bench("maskText() of a line that holds a secret", () => {
  maskText("vllm serve m --api-key sk-1234567890 at http://user:password@host/path?token=abc");
});

/** As much as vLLM prints with one model. */
const SCRAPE = Array.from(
  { length: 60 },
  (_, at) =>
    `# HELP vllm:metric_${at} Something.\n# TYPE vllm:metric_${at} histogram\n` +
    Array.from(
      { length: 12 },
      (_, bucket) =>
        `vllm:metric_${at}_bucket{engine="0",le="${bucket}.0",model_name="m"} ${bucket * at}.0\n`,
    ).join(""),
)
  .join("") +
  'vllm:num_requests_running{engine="0",model_name="m"} 1.0\n' +
  'vllm:generation_tokens_total{engine="0",model_name="m"} 12345.0\n';

Deno.bench("readScrape() of 60 KiB", () => {
  readScrape(SCRAPE, {
    running: ["vllm:num_requests_running"],
    progress: ["vllm:generation_tokens_total"],
    groupBy: "engine",
  });
});
