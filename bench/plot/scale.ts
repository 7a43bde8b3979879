/** From values to places on a line, and the round values that label it. No effects. */

/** A scale from values to 0…1. */
export interface Scale {
  readonly isLogarithmic: boolean;
  /** @returns Where a value is, within 0…1. */
  readonly place: (value: number) => number;
  /** Round values, from low to high. */
  readonly ticks: readonly number[];
}

/** From here on a linear scale would hide the small ones. */
const LOGARITHMIC_FROM = 50;

/** A linear scale has about so many ticks. */
const TICKS = 5;

/**
 * Makes the scale that shows values best: from 0, or by powers of ten where they differ much.
 *
 * @param values What is to be shown; those that are not finite are left out.
 * @param kind `auto`: by the values.
 * @returns The scale.
 */
export function makeScale(values: readonly number[], kind: "auto" | "log" = "auto"): Scale {
  const finite = values.filter(Number.isFinite);
  const highest = Math.max(...finite, 0);
  const lowest = Math.min(...finite);
  if (lowest > 0 && (kind === "log" || highest / lowest > LOGARITHMIC_FROM)) {
    return makeLogarithmic(lowest, highest, kind);
  }
  return makeLinear(highest);
}

function makeLinear(highest: number): Scale {
  const most = highest > 0 ? highest : 1;
  const rough = most / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const count = Math.ceil(most / step - 1e-9);
  const end = count * step;
  return {
    isLogarithmic: false,
    place: (value) => Math.min(1, Math.max(0, value / end)),
    // Multiplied rather than added up, which would show 0.30000000000000004.
    ticks: Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12))),
  };
}

/** A bar of the lowest value must have a length: its power of ten is not the start of the line. */
const ROOM = 0.7;

function makeLogarithmic(lowest: number, highest: number, kind: "auto" | "log"): Scale {
  const first = Math.floor(Math.log10(kind === "auto" ? lowest * ROOM : lowest));
  const last = Math.max(Math.ceil(Math.log10(highest) - 1e-9), first + 1);
  return {
    isLogarithmic: true,
    place: (value) =>
      Math.min(1, Math.max(0, (Math.log10(Math.max(value, 1e-300)) - first) / (last - first))),
    ticks: Array.from(
      { length: last - first + 1 },
      (_, index) => Number((10 ** (first + index)).toPrecision(1)),
    ),
  };
}

/** @returns A number as a table or a plot shows it: three digits that count, thousands apart. */
export function showNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000) return Math.round(value).toLocaleString("en-US");
  if (Number.isInteger(value) || size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(size >= 0.1 ? 2 : 3);
}

/** @returns A tick's label, without the zeros that {@linkcode showNumber} would end it with. */
export function showTick(value: number): string {
  return value >= 10_000 ? showNumber(value) : String(value);
}
