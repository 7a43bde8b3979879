/**
 * Reads metrics in Prometheus's text format.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 * @module
 */

/** One value. */
export interface Sample {
  /** The metric's name, `_total`, `_sum` and `_count` included. */
  readonly name: string;
  /** Its labels, in the order given. */
  readonly labels: ReadonlyMap<string, string>;
  /** Its value; infinite or not a number where it says so. */
  readonly value: number;
}

/** Name, labels in braces, value, and a time that nobody here needs. */
const LINE = /^([A-Za-z_:][\w:]*)\s*(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$/;

const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads the samples of some metrics, and looks at no others more closely than at their names. */
export function parseSamples(text: string, names: ReadonlySet<string>): Sample[] {
  const samples: Sample[] = [];
  for (let at = 0; at < text.length;) {
    const end = text.indexOf("\n", at);
    if (end < 0) break; // Every line of the format ends with a line feed.
    const [, name = "", labels = "", value = ""] = isWanted(text, at, names)
      ? LINE.exec(text.slice(at, end)) ?? []
      : [];
    at = end + 1;
    const number = readNumber(value);
    if (number !== undefined && names.has(name)) {
      samples.push({ name, labels: readLabels(labels), value: number });
    }
  }
  return samples;
}

function isWanted(text: string, at: number, names: ReadonlySet<string>): boolean {
  for (const name of names) if (text.startsWith(name, at)) return true;
  return false;
}

function readNumber(text: string): number | undefined {
  if (/^[+-]?Inf$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^NaN$/i.test(text)) return NaN;
  const number = text === "" ? NaN : Number(text);
  return Number.isNaN(number) ? undefined : number;
}

function readLabels(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(LABEL)].map((
      [, name = "", value = ""],
    ) => [name, value.replaceAll(/\\(.)/g, (_, c: string) => c === "n" ? "\n" : c)]),
  );
}
