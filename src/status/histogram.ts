/**
 * A histogram as Prometheus counts: so many values at or below each bound.
 *
 * @module
 */
import { type MetricSample, renderMetricValue } from "../formats/prometheus_text.ts";

/** Counts values. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #count = 0;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  /** Counts a value. */
  observe(value: number): void {
    this.#bounds.forEach((bound, index) => {
      if (value <= bound) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    });
    this.#count++;
    this.#sum += value;
  }

  /** Gives its values. */
  sample(labels: MetricSample["labels"]): MetricSample[] {
    const bucket = (bound: number, value: number): MetricSample => ({
      ...{ suffix: "_bucket", value },
      labels: { ...labels, le: renderMetricValue(bound) },
    });
    return [
      ...this.#bounds.map((bound, index) => bucket(bound, this.#counts[index] ?? 0)),
      bucket(Infinity, this.#count),
      { suffix: "_sum", labels, value: this.#sum },
      { suffix: "_count", labels, value: this.#count },
    ];
  }
}
