/**
 * The metrics: counts of what happened, and the status as it is.
 *
 * Not prom-client: `deno compile` overflows its stack at a package that it depends on (`npm:bintrees`, seen with
 * Deno 2.6.8 and 2.9.6), and it takes 3 MB, and 50 to 200 ms to load.
 *
 * @module
 */
import { CAUSE_NAMES } from "../engines/cause.ts";
import { type MetricSample, renderMetrics } from "../formats/prometheus_text.ts";
import { Histogram } from "./histogram.ts";
import type { LaunchEvent } from "../events/launch_event.ts";
import { METRIC_PREFIX, type MetricName, METRICS, type MetricSpec } from "./metrics_table.ts";
import type { StatusDocument } from "./status_document.ts";

type Labels = MetricSample["labels"];

/** What the engine was asked so far, over all its runs. */
export interface ProbeCounts {
  /** Failed probes of an engine that had started. */
  readonly probeFailures: number;
  /** Canaries that were sent. */
  readonly canaries: number;
  /** Canaries that failed. */
  readonly canaryFailures: number;
}

/** Before anything was asked. */
export const NO_PROBES: ProbeCounts = { probeFailures: 0, canaries: 0, canaryFailures: 0 };

/** Why a run is followed by another that nothing but a person asked for. */
const BY_HAND = "by_hand";

/** The metrics of one instance. */
export class Metrics {
  /** By metric and labels. */
  readonly #counters = new Map<string, { name: MetricName; labels: Labels; value: number }>();
  readonly #histograms = new Map<string, { name: MetricName; labels: Labels; of: Histogram }>();
  /** Why each program died last, until it is started again. */
  readonly #causes = new Map<string, string>();

  /** Makes every counter that there is without a program. */
  constructor() {
    this.#add("orphans_swept_total", 0);
  }

  /** Counts an event. */
  note(event: LaunchEvent): void {
    switch (event.kind) {
      case "spawned": {
        const { name: program, run } = event;
        if (run === 1) this.#showZeros(program);
        else {
          const cause = this.#causes.get(program) ?? BY_HAND;
          this.#add("restarts_total", 1, { program, cause });
        }
        this.#causes.delete(program);
        return;
      }
      case "started":
        return this.#find("time_to_ready_seconds", event.name).observe(event.afterMs / 1000);
      case "recovered":
        this.#find("time_to_ready_seconds", event.name).observe(event.afterMs / 1000);
        return this.#find("recovery_duration_seconds", event.name).observe(event.downMs / 1000);
      case "died":
        this.#causes.set(event.name, event.death?.cause ?? "unknown");
        if (!event.wasStarted) this.#add("failed_starts_total", 1, { program: event.name });
        return;
      case "swept":
        return this.#add("orphans_swept_total", event.orphans);
    }
  }

  /** Renders everything. */
  render(
    document: StatusDocument,
    supervisord: string | undefined,
    counts: ProbeCounts,
  ): string {
    const gauges = readGauges(document, supervisord, counts);
    return renderMetrics(
      (Object.entries(METRICS) as [MetricName, MetricSpec][]).map(([name, { type, help }]) => ({
        ...{ name: `${METRIC_PREFIX}${name}`, type, help },
        samples: [
          ...gauges.filter((gauge) => gauge.name === name).map((gauge) => ({
            ...{ suffix: "", ...gauge },
          })),
          ...[...this.#counters.values()].filter((counter) => counter.name === name)
            .map(({ labels, value }) => ({ suffix: "", labels, value })),
          ...[...this.#histograms.values()].filter((one) => one.name === name)
            .flatMap(({ labels, of }) => of.sample(labels)),
        ],
      })),
    );
  }

  /** A counter that first shows up with 1 has, to Prometheus' increase(), never risen. */
  #showZeros(program: string): void {
    for (const cause of [...CAUSE_NAMES, BY_HAND]) {
      this.#add("restarts_total", 0, { program, cause });
    }
    this.#add("failed_starts_total", 0, { program });
    this.#find("time_to_ready_seconds", program);
    this.#find("recovery_duration_seconds", program);
  }

  #add(name: MetricName, count: number, labels: Labels = {}): void {
    const key = JSON.stringify([name, labels]);
    const value = (this.#counters.get(key)?.value ?? 0) + count;
    this.#counters.set(key, { name, labels, value });
  }

  #find(name: "time_to_ready_seconds" | "recovery_duration_seconds", program: string): Histogram {
    const key = JSON.stringify([name, program]);
    let found = this.#histograms.get(key);
    if (found === undefined) {
      found = { name, labels: { program }, of: new Histogram(METRICS[name].buckets) };
      this.#histograms.set(key, found);
    }
    return found.of;
  }
}

interface Gauge {
  readonly name: MetricName;
  readonly labels: Labels;
  readonly value: number;
}

/** What the status says, as values. */
function readGauges(
  document: StatusDocument,
  supervisord: string | undefined,
  { probeFailures, canaries, canaryFailures }: ProbeCounts,
): Gauge[] {
  const { ready, exit, programs, runs, instance } = document;
  const build = {
    version: instance.supervisor_version,
    deno: Deno.version.deno,
    supervisord: supervisord ?? "",
  };
  return [
    { name: "up", labels: {}, value: exit === null ? 1 : 0 },
    { name: "engine_ready", labels: {}, value: ready ? 1 : 0 },
    { name: "build_info", labels: build, value: 1 },
    { name: "probe_failures_total", labels: {}, value: probeFailures },
    { name: "canaries_total", labels: {}, value: canaries },
    { name: "canary_failures_total", labels: {}, value: canaryFailures },
    ...programs.flatMap(({ name: program, recoveries, last_exit }): Gauge[] => [
      ...(recoveries === null ? [] : [{
        name: "recovery_budget_remaining" as const,
        labels: { program },
        value: recoveries.left ?? Infinity,
      }]),
      ...(last_exit === null ? [] : [{
        name: "last_exit_code" as const,
        labels: { program },
        value: last_exit.exit_code,
      }]),
    ]),
    ...runs.filter(({ died_at }) => died_at === null).map(({ program, spawned_at }): Gauge => ({
      name: "run_start_time_seconds",
      labels: { program },
      value: Date.parse(spawned_at) / 1000,
    })),
  ];
}
