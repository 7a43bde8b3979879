/** What each contender does at all, as the scenarios have seen it. No effects. */
import { type Result, type Row, type Spread, summarize } from "./results.ts";
import { renderTable } from "./table.ts";

function find(
  results: readonly Result[],
  scenario: string,
  contender: string,
  key: string,
): Spread | undefined {
  const result = results.find(({ name }) => name === scenario);
  const row = result?.rows.find((one) => one.contender === contender);
  return row === undefined ? undefined : summarize(row, key);
}

const NOTHING = "–";

/** Rounds may differ. */
function listDifferent(texts: readonly string[]): string {
  return [...new Set(texts)].join(" or ");
}

function describeGiveUp(spread: Spread | undefined): [budget: string, code: string] {
  if (spread === undefined) return [NOTHING, NOTHING];
  if (spread.median === Infinity) return [`no: ${spread.notes[0]}, and lives on`, "never exits"];
  const ends = spread.notes.map((note) => /^exit code (\d+) after (.*)$/.exec(note) ?? []);
  return [
    `yes: ends after ${listDifferent(ends.map(([, , starts = ""]) => starts))}`,
    listDifferent(ends.map(([, code = ""]) => code)),
  ];
}

function describeSweep(spread: Spread | undefined): string {
  if (spread === undefined) return NOTHING;
  const [note = ""] = spread.notes;
  return spread.highest === 0 ? "yes" : `no: ${spread.median} ${note} live on`;
}

function describeDrain(spread: Spread | undefined): string {
  if (spread === undefined) return NOTHING;
  const note = spread.notes.join("; ");
  return note.startsWith("drained") && !note.includes("left")
    ? "yes"
    : `no: ${note.replace(/^not drained, /, "")}`;
}

/**
 * @param results All scenarios.
 * @returns A table: does it end where the budget is used up, with which code, does it end the workers of a dead
 * engine before the next one starts, does it let an engine drain.
 */
export function renderAbilities(results: readonly Result[]): string {
  const rows = new Map<string, Row>();
  for (const row of results.flatMap((result) => result.rows)) rows.set(row.contender, row);
  return renderTable([
    ["", "version", "ends when the budget is used up", "exit code then", "sweeps", "drains"],
    ...[...rows.values()].filter(({ contender }) => !contender.startsWith("floor")).map((row) => {
      const [budget, code] = describeGiveUp(find(results, "give_up", row.contender, "end"));
      return [
        ...[row.contender, row.version, budget, code],
        describeSweep(find(results, "sweep", row.contender, "left")),
        describeDrain(find(results, "drain", row.contender, "stop")),
      ];
    }),
  ]);
}
