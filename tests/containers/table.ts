/** The suite's table as Markdown, as docs/containers.md has it. */
import type { Case } from "./case.ts";
import type { Result } from "./run_case.ts";

/** One row: a case, and what came of it, or why it was not run. */
export interface Row {
  readonly name: string;
  readonly then?: Case["then"];
  readonly result?: Result;
  readonly skipped?: string;
}

const HEAD = "| what | then | exit code | seconds | processes left | served before |\n" +
  "| --- | --- | ---: | ---: | ---: | --- |";

function describe({ then }: Row): string {
  if (then === undefined || then.kind === "ends") return "ends";
  return then.kind;
}

function renderRow(row: Row): string {
  const { then, result } = row;
  const name = row.name.replaceAll("|", "\\|");
  if (result === undefined) return `| ${name} | not run | | | | |`;
  const { code, secs, left, served } = result;
  const goesOn = then !== undefined && then.kind !== "ends";
  const cells = [
    name,
    describe(row),
    goesOn ? `${code} (after a stop)` : code,
    secs.toFixed(1),
    left,
    served ? "yes" : "no",
  ];
  return `| ${cells.join(" | ")} |`;
}

/** @returns A section: its title and its table. */
export function renderSection(title: string, rows: readonly Row[]): string {
  const skipped = rows.filter((row) => row.skipped !== undefined)
    .map(({ name, skipped }) => `Not run: ${name}, since here: \`${skipped}\`.\n`);
  const table = [HEAD, ...rows.map(renderRow)].join("\n");
  return [`### ${title}`, table, ...skipped].join("\n\n");
}

/**
 * Puts the tables between the marks of a document.
 *
 * @param document The document.
 * @param tables What stands between `<!-- containers -->` and `<!-- /containers -->` from now on.
 * @returns The new document.
 * @throws {Error} Where the marks are missing.
 */
export function insertTables(document: string, tables: string): string {
  const marks = /(<!-- containers -->\n)[\s\S]*(<!-- \/containers -->)/;
  if (!marks.test(document)) throw new Error("The document has no <!-- containers --> marks");
  return document.replace(marks, (_, begin, end) => `${begin}\n${tables}\n\n${end}`);
}
