/**
 * The metrics in Prometheus' text format: counts of what happened, and the status as it is.
 *
 * Loaded only where they are asked for: prom-client takes some 100 ms of CPU to load.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { CAUSE_NAMES } from "../engines/cause.ts";
import type { LaunchEvent } from "./launch_event.ts";
import { METRIC_PREFIX, type MetricName, METRICS, type MetricSpec } from "./metrics_table.ts";
import type { StatusDocument } from "./status_document.ts";

type Labels = Readonly<Record<string, string>>;

/** Why a run is followed by another that nothing but a person asked for. */
const BY_HAND = "by_hand";

/** The metrics of one instance. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #gauges = new Map<MetricName, Gauge>();
  readonly #counters = new Map<MetricName, Counter>();
  readonly #histograms = new Map<MetricName, Histogram>();
  /** Why each program died last, until it is started again. */
  readonly #causes = new Map<string, string>();

  /** Makes every metric, without a value. */
  constructor() {
    for (const [name, spec] of Object.entries(METRICS) as [MetricName, MetricSpec][]) {
      const configuration = {
        name: `${METRIC_PREFIX}${name}`,
        help: spec.help,
        labelNames: [...spec.labels],
        registers: [this.#registry],
      };
      switch (spec.type) {
        case "gauge":
          this.#gauges.set(name, new Gauge(configuration));
          break;
        case "counter":
          this.#counters.set(name, new Counter(configuration));
          break;
        case "histogram":
          this.#histograms.set(
            name,
            new Histogram({ ...configuration, buckets: [...spec.buckets ?? []] }),
          );
      }
    }
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
      case "recovered": {
        const labels = { program: event.name };
        this.#histograms.get("time_to_ready_seconds")?.observe(labels, event.afterMs / 1000);
        if (event.kind === "started") return;
        this.#histograms.get("recovery_duration_seconds")?.observe(labels, event.downMs / 1000);
        return;
      }
      case "died":
        this.#causes.set(event.name, event.death?.cause ?? "unknown");
        if (!event.wasStarted) this.#add("failed_starts_total", 1, { program: event.name });
        return;
      case "swept":
        return this.#add("orphans_swept_total", event.orphans);
      case "probe":
        if (event.reason !== undefined) this.#add("probe_failures_total", 1);
    }
  }

  /**
   * Renders everything.
   *
   * @param document The status.
   * @param supervisord supervisord's version; `undefined` where it is not known.
   * @returns The text.
   */
  render(document: StatusDocument, supervisord: string | undefined): Promise<string> {
    const { ready, exit, programs, runs, instance } = document;
    for (const gauge of this.#gauges.values()) gauge.reset();
    this.#set("up", exit === null ? 1 : 0);
    this.#set("engine_ready", ready ? 1 : 0);
    this.#set("build_info", 1, {
      version: instance.supervisor_version,
      deno: Deno.version.deno,
      supervisord: supervisord ?? "",
    });
    for (const { name: program, recoveries, last_exit } of programs) {
      if (recoveries !== null) {
        this.#set("recovery_budget_remaining", recoveries.left ?? Infinity, { program });
      }
      if (last_exit !== null) this.#set("last_exit_code", last_exit.exit_code, { program });
    }
    for (const { program, spawned_at, died_at } of runs) {
      if (died_at !== null) continue;
      this.#set("run_start_time_seconds", Date.parse(spawned_at) / 1000, { program });
    }
    return this.#registry.metrics();
  }

  /** A counter that first shows up with 1 has, to Prometheus' increase(), never risen. */
  #showZeros(program: string): void {
    for (const cause of [...CAUSE_NAMES, BY_HAND]) {
      this.#add("restarts_total", 0, { program, cause });
    }
    this.#add("failed_starts_total", 0, { program });
    for (const histogram of this.#histograms.values()) histogram.zero({ program });
  }

  #add(name: MetricName, count: number, labels: Labels = {}): void {
    this.#counters.get(name)?.inc(labels, count);
  }

  #set(name: MetricName, value: number, labels: Labels = {}): void {
    this.#gauges.get(name)?.set(labels, value);
  }
}
