/**
 * The table of docs/metrics.md, from the data of `report/`.
 *
 * @module
 */
import { METRIC_PREFIX, METRICS, type MetricSpec } from "../status/metrics_table.ts";
import { renderTable } from "./markdown_table.ts";

/** The table of metrics. */
export function renderMetricsTable(): string {
  return renderTable(
    ["Metric", "Type", "Labels", "What it tells"],
    Object.entries<MetricSpec>(METRICS).map(([name, { type, labels, help }]) => [
      `\`${METRIC_PREFIX}${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(", "),
      help,
    ]),
  );
}
