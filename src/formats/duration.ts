/** Units from large to small, each with its length, ms. */
const UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
];

/** Renders a duration with its two largest units: `2 h 5 min`, `12 s`, `0.25 s`. */
export function renderDuration(ms: number): string {
  if (ms < 9_950) return `${Number((Math.max(0, ms) / 1000).toPrecision(2))} s`;
  let left = Math.round(ms / 1000) * 1000;
  const first = UNITS.findIndex(([, length]) => left >= length);
  const words: string[] = [];
  for (const [unit, length] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(left / length);
    left -= count * length;
    if (count > 0) words.push(`${count} ${unit}`);
  }
  return words.join(" ");
}
