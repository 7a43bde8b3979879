/**
 * Every metric of ours, as data: the registry and the table of docs/metrics.md are made of it.
 *
 * @module
 */

/** One metric. */
export interface MetricSpec {
  readonly type: "gauge" | "counter" | "histogram";
  readonly labels: readonly string[];
  /** What it tells, one sentence. */
  readonly help: string;
  /** The upper bounds of a histogram's buckets, s. */
  readonly buckets?: readonly number[];
}

/** What every name begins with. */
export const METRIC_PREFIX = "standard_supervisor_";

/** A load takes from seconds to half an hour, s. */
const LOAD_SECS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1_800];

/** The metrics by their names, {@linkcode METRIC_PREFIX} left out. */
export const METRICS = {
  up: {
    type: "gauge",
    labels: [],
    help: "1 until everything has ended: standard-supervisor runs.",
  },
  engine_ready: {
    type: "gauge",
    labels: [],
    help: "Whether requests should be sent to the engine: 1 where /readyz says 200, else 0.",
  },
  restarts_total: {
    type: "counter",
    labels: ["program", "cause"],
    help:
      "Starts of a program after its first, by why the run before died; by_hand where somebody asked for it.",
  },
  failed_starts_total: {
    type: "counter",
    labels: ["program"],
    help: "Runs of a program that died before they counted as started.",
  },
  recovery_budget_remaining: {
    type: "gauge",
    labels: ["program"],
    help: "Recoveries that are left inside the window; +Inf where there is no limit.",
  },
  last_exit_code: {
    type: "gauge",
    labels: ["program"],
    help: "How a program ended last: its exit code, 128+n for signal n. Absent until it has.",
  },
  run_start_time_seconds: {
    type: "gauge",
    labels: ["program"],
    help:
      "When the run of a program began that goes on, seconds since 1970. Absent while none does.",
  },
  time_to_ready_seconds: {
    type: "histogram",
    labels: ["program"],
    help: "From the start of a run to the moment when it counted as started.",
    buckets: LOAD_SECS,
  },
  recovery_duration_seconds: {
    type: "histogram",
    labels: ["program"],
    help: "From the death of a run to the moment when the next one counted as started.",
    buckets: LOAD_SECS,
  },
  orphans_swept_total: {
    type: "counter",
    labels: [],
    help: "Processes that dead runs left behind, and that were killed.",
  },
  probe_failures_total: {
    type: "counter",
    labels: [],
    help: "Failed health probes of an engine that had started.",
  },
  canaries_total: {
    type: "counter",
    labels: [],
    help: "Requests for one token that an idle engine was sent, to see whether it still works.",
  },
  canary_failures_total: {
    type: "counter",
    labels: [],
    help: "Those of them that were not answered, or not well.",
  },
  build_info: {
    type: "gauge",
    labels: ["version", "deno", "supervisord"],
    help: "1; its labels tell what runs. supervisord is empty where its version is not known.",
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** A metric's name in {@linkcode METRICS}. */
export type MetricName = keyof typeof METRICS;
