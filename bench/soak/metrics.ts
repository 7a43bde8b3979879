/** Reads what `/metrics` serves. */
import { METRIC_PREFIX } from "../../src/status/metrics_table.ts";

/** @returns The sum of each metric over its labels, by its name without the prefix. */
export function parseMetrics(text: string): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, name, value] = /^(\w+)(?:\{.*\})? (\S+)/.exec(line) ?? [];
    if (name === undefined || !name.startsWith(METRIC_PREFIX)) continue;
    const key = name.slice(METRIC_PREFIX.length);
    sums.set(key, (sums.get(key) ?? 0) + Number(value));
  }
  return sums;
}
