/** Results as Markdown tables and as plots. No effects. */
import type { Bar, Panel } from "../plot.ts";
import { showNumber } from "../report.ts";
import { type Measure, type Result, type Row, type Spread, summarize } from "./results.ts";

/**
 * Renders a table in Markdown.
 *
 * @param rows The head first.
 * @returns Its lines.
 */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows.map((row) =>
    `| ${row.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`
  );
  return [head, `|${" --- |".repeat(rows[0]?.length ?? 0)}`, ...body].flat().join("\n");
}

/** @returns Median and range, as `12.3 (11.8–14.0)`; "never" where the median never came. */
export function showSpread({ median, lowest, highest, never, count }: Spread): string {
  if (median === Infinity) return never === count ? "never" : `never in ${never} of ${count}`;
  const range = count === 1 || lowest === highest
    ? ""
    : ` (${showNumber(lowest)}–${highest === Infinity ? "never" : showNumber(highest)})`;
  return `${showNumber(median)}${range}`;
}

/** @returns What a measure is called in a table or plot. */
export function showTitle({ title, unit }: Measure): string {
  return unit === "" ? title : `${title}, ${unit}`;
}

/** @returns A scenario's table: a row for each contender. */
export function renderResult({ measures, rows }: Result): string {
  const hasNotes = rows.some((row) =>
    row.cannot !== undefined || Object.values(row.rounds[0] ?? {}).some(({ note }) => note)
  );
  return renderTable([
    ["", ...measures.map(showTitle), ...hasNotes ? [""] : []],
    ...rows.map((row) => {
      const spreads = measures.map(({ key }) => summarize(row, key));
      const notes = spreads.flatMap((spread) => spread?.notes ?? []);
      if (row.cannot !== undefined) {
        notes.push(row.rounds.length === 0 ? row.cannot : `then: ${row.cannot}`);
      }
      return [
        row.contender,
        ...spreads.map((spread) => spread === undefined ? "cannot" : showSpread(spread)),
        ...hasNotes ? [[...new Set(notes)].join("; ")] : [],
      ];
    }),
  ]);
}

function makeBar(row: Row, key: string): Bar {
  const spread = summarize(row, key);
  const kind = row.isOurs ? "ours" : row.contender.startsWith("floor") ? "floor" : "other";
  const common = { label: row.contender, kind } as const;
  if (spread === undefined) return { ...common, text: "cannot" };
  if (spread.median === Infinity) return { ...common, text: "never" };
  const { median, lowest, highest } = spread;
  return { ...common, median, lowest, highest: highest === Infinity ? median : highest };
}

/** @returns What a scenario's plot shows: a panel for each measure. */
export function makePanels({ title, measures, rows }: Result): Panel[] {
  return measures.map((measure) => ({
    title: `${title}: ${measure.title}`,
    unit: measure.unit,
    bars: rows.map((row) => makeBar(row, measure.key)),
  }));
}
