import { assertEquals } from "@std/assert";
import { INITIAL_STATUS } from "./status.ts";
import { renderStatus } from "./status_document.ts";
import type { EventPayload } from "../events/launch_event.ts";
import { Metrics } from "./metrics.ts";
import { METRIC_PREFIX, METRICS } from "./metrics_table.ts";
import { advanceStatus } from "./status.ts";

const program = "llm_engine:llm_engine";
const labels = { name: program, pid: 7 };
const death = { cause: "gpu_fault", meaning: "", evidence: [], advice: "" } as const;

const instance = {
  pid: 1,
  startTicks: undefined,
  supervisordPid: 2,
  version: "1.2.3",
  startedAt: new Date(0),
  configPath: "/tmp/x",
  engine: "vllm",
  command: ["vllm"],
  engineNames: new Set([program]),
  limits: new Map([[program, {
    maxStartRetries: 3,
    maxRecoveryAttempts: 3,
    recoveryWindowMs: 60_000,
  }]]),
};

const COUNTS = { probeFailures: 4, canaries: 3, canaryFailures: 2 };

function render(happenings: readonly EventPayload[], limit = 3): string[] {
  const metrics = new Metrics();
  let status = INITIAL_STATUS;
  for (const [second, happening] of happenings.entries()) {
    const event = { ...happening, at: new Date(second * 1_000) };
    status = advanceStatus(status, event);
    metrics.note(event);
  }
  const limits = new Map([[program, {
    ...{ maxStartRetries: 3, maxRecoveryAttempts: limit, recoveryWindowMs: 60_000 },
  }]]);
  const document = renderStatus(status, { ...instance, limits }, new Date(9_000));
  const text = metrics.render(document, "4.3.0", COUNTS);
  return text.split("\n").filter((line) => line !== "").map((line) =>
    line.replace(METRIC_PREFIX, "").replace(/ +$/, "")
  );
}

const recovery = { kind: "recovery", count: 1, limit: 3, delayMs: 0 } as const;
const CRASHED: readonly EventPayload[] = [
  { kind: "spawned", run: 1, ...labels },
  { kind: "started", run: 1, ...labels, afterMs: 12_000 },
  {
    kind: "died",
    run: 1,
    ...labels,
    exit: { kind: "signal", signal: "SIGABRT" },
    ...{ afterMs: 20_000, wasStarted: true, failedStarts: 0, death, next: recovery },
  },
  { kind: "swept", name: program, run: 1, orphans: 3, afterMs: 1 },
  { kind: "spawned", run: 2, ...labels },
  { kind: "recovered", run: 2, ...labels, afterMs: 12_000, downMs: 40_000 },
  { kind: "probe", reason: "HTTP status 503" },
  { kind: "probe", reason: undefined },
];

Deno.test("Metrics tells of a crash: its cause, how long it took, what is left", () => {
  const lines = render(CRASHED);
  const labelled = `{program="${program}"}`;
  for (
    const line of [
      "up 1",
      "engine_ready 1",
      `restarts_total{program="${program}",cause="gpu_fault"} 1`,
      `restarts_total{program="${program}",cause="unknown"} 0`,
      `failed_starts_total${labelled} 0`,
      `recovery_budget_remaining${labelled} 2`,
      `last_exit_code${labelled} 134`,
      `run_start_time_seconds${labelled} 4`,
      `time_to_ready_seconds_bucket{program="${program}",le="10"} 0`,
      `time_to_ready_seconds_bucket{program="${program}",le="20"} 2`,
      `time_to_ready_seconds_sum${labelled} 24`,
      `recovery_duration_seconds_count${labelled} 1`,
      `recovery_duration_seconds_sum${labelled} 40`,
      "orphans_swept_total 3",
      ...["probe_failures_total 4", "canaries_total 3", "canary_failures_total 2"],
    ]
  ) {
    assertEquals(lines.filter((one) => one === line).length, 1, `${line} in\n${lines.join("\n")}`);
  }
  const info = lines.find((line) => line.startsWith("build_info"));
  assertEquals(
    info,
    `build_info{version="1.2.3",deno="${Deno.version.deno}",supervisord="4.3.0"} 1`,
  );
});

Deno.test("Metrics counts failed starts, and restarts that somebody asked for", () => {
  const lines = render([
    { kind: "spawned", run: 1, ...labels },
    {
      ...{ kind: "died", run: 1, ...labels, exit: { kind: "code", code: 0 }, afterMs: 1 },
      ...{ wasStarted: false, failedStarts: 1, death: undefined },
      next: { kind: "retry", count: 1, limit: 3, delayMs: 1_000 },
    },
    { kind: "spawned", run: 2, ...labels },
    { kind: "halted", run: 2, name: program },
    { kind: "spawned", run: 3, ...labels },
  ], Infinity);
  const find = (start: string) =>
    lines.filter((line) => line.startsWith(start) && !/ 0$/.test(line));
  assertEquals(find("failed_starts_total"), [`failed_starts_total{program="${program}"} 1`]);
  assertEquals(find("restarts_total"), [
    `restarts_total{program="${program}",cause="unknown"} 1`,
    `restarts_total{program="${program}",cause="by_hand"} 1`,
  ]);
  assertEquals(find("recovery_budget"), [`recovery_budget_remaining{program="${program}"} +Inf`]);
});

Deno.test("Metrics has every metric of the table, and no label twice", () => {
  const lines = render(CRASHED);
  const typed = lines.filter((line) => line.startsWith("# TYPE "));
  assertEquals(
    typed.map((line) => line.replace(METRIC_PREFIX, "")),
    Object.entries(METRICS).map(([name, { type }]) => `# TYPE ${name} ${type}`),
  );
});
