/**
 * Metrics in Prometheus' text format.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 * @module
 */

/** One value. */
export interface MetricSample {
  /** What follows the metric's name, such as `_bucket`; `""` for nothing. */
  readonly suffix: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric with all its values. */
export interface MetricFamily {
  readonly name: string;
  readonly type: "gauge" | "counter" | "histogram";
  /** What it tells. */
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

/** The content type. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Renders a number. */
export function renderMetricValue(value: number): string {
  return Number.isFinite(value)
    ? String(value)
    : Number.isNaN(value)
    ? "NaN"
    : value > 0
    ? "+Inf"
    : "-Inf";
}

/** Renders metrics. */
export function renderMetrics(families: readonly MetricFamily[]): string {
  return families.map(({ name, type, help, samples }) =>
    [
      `# HELP ${name} ${escape(help)}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(({ suffix, labels, value }) =>
        `${name}${suffix}${renderLabels(labels)} ${renderMetricValue(value)}`
      ),
      "",
    ].join("\n")
  ).join("");
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) =>
    `${name}="${escape(value).replaceAll('"', '\\"')}"`
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
