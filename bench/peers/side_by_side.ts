/** Ours and the Python original alone, as the table of docs/coming_from_python.md. No effects. */
import { type Result, type Row, summarize } from "./results.ts";
import { renderTable, showSpread, showTitle } from "./table.ts";

/** What the Python original is called in every table. */
export const ORIGINAL = "the Python original";

function showCell(row: Row, key: string): string {
  const spread = summarize(row, key);
  if (spread === undefined) return "cannot";
  return [showSpread(spread), spread.notes.join("; ")].filter((text) => text !== "").join(": ");
}

/**
 * @param results All scenarios.
 * @returns When, and a row for each measure, with ours as it comes first in the tables.
 */
export function renderSideBySide(results: readonly Result[]): string {
  const rows = results.flatMap(({ title, measures, rows }) => {
    const ours = rows.find(({ isOurs }) => isOurs);
    const original = rows.find(({ contender }) => contender === ORIGINAL);
    if (ours === undefined || original === undefined) return [];
    return measures.map((measure) => [
      `${title}: ${showTitle(measure)}`,
      showCell(ours, measure.key),
      showCell(original, measure.key),
    ]);
  });
  const dates = [...new Set(results.map(({ date }) => date))].join(", ");
  const table = renderTable([["", "standard-supervisor", ORIGINAL], ...rows]);
  return `${dates}, medians, lowest and highest in brackets:\n\n${table}`;
}
