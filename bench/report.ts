/** What the benches print and how they end. */

/** @returns The value of `--name`, or the default. */
export function readOption(args: readonly string[], name: string, fallback: number): number {
  const at = args.indexOf(`--${name}`);
  const value = at < 0 ? fallback : Number(args[at + 1]);
  if (!Number.isFinite(value)) throw new TypeError(`Cannot read --${name} ${args[at + 1]}`);
  return value;
}

/** @returns The words of `--name a,b`; none where it is not given. */
export function readWords(args: readonly string[], name: string): string[] {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? [] : (args[at + 1] ?? "").split(",").filter((word) => word !== "");
}

/** @returns The middle one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Prints rows below each other, numbers rounded and to the right. */
export function printTable(rows: readonly (readonly (string | number)[])[]): void {
  const texts = rows.map((row) =>
    row.map((cell) => typeof cell === "number" ? showNumber(cell) : cell)
  );
  const widths = (texts[0] ?? []).map((_, column) =>
    Math.max(...texts.map((row) => row[column]?.length ?? 0))
  );
  texts.forEach((row, number) => {
    const cells = row.map((text, column) => {
      const isNumber = typeof rows[number]?.[column] === "number";
      return isNumber ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
    });
    console.log(cells.join("  ").trimEnd());
  });
}

/** @returns A number as a table or a plot shows it: three significant digits, thousands apart. */
export function showNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000) return Math.round(value).toLocaleString("en-US");
  if (Number.isInteger(value) || size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(size >= 0.1 ? 2 : 3);
}

/** Bounds that were stated and did not hold. */
export class Bounds {
  readonly #broken: string[] = [];

  /** Notes a bound, under its name, where it does not hold. */
  expect(name: string, holds: boolean): void {
    if (!holds) this.#broken.push(name);
  }

  /** Says what does not hold. @returns The exit code. */
  report(): number {
    for (const name of this.#broken) console.log(`BROKEN: ${name}`);
    if (this.#broken.length === 0) console.log("every bound holds");
    return this.#broken.length === 0 ? 0 : 1;
  }
}
