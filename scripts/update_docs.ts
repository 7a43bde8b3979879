/**
 * Writes the generated tables of docs/ again: `deno run --allow-read --allow-write scripts/update_docs.ts`.
 *
 * @module
 */
import { renderCauseTable, renderEngineTable } from "../src/cli/engine_tables.ts";
import { renderMetricsTable } from "../src/cli/metrics_table.ts";
import {
  renderExitCodeTable,
  renderGenerateHelp,
  renderHelp,
  renderPermissionTable,
  renderSettingsTable,
} from "../src/cli/help.ts";

import { renderSchemaTable } from "./schema_table.ts";

const ROOT = new URL("../", import.meta.url);

/** The fields of `--status --json`. */
function renderStatusTable(): string {
  const text = Deno.readTextFileSync(new URL("docs/status.schema.json", ROOT));
  return renderSchemaTable(JSON.parse(text));
}

/** A command's help, less the variables, which have a page of their own. */
function quoteHelp(help: string): string {
  const [options = ""] = help.split("\nEnvironment:\n", 1);
  return `\`\`\`text\n${options.trimEnd()}\n\`\`\``;
}

/** Each page with generated parts: the parts by the name that stands around them. */
export const GENERATED: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  "docs/command_line.md": {
    "help": () => quoteHelp(renderHelp()),
    "generate help": () => quoteHelp(renderGenerateHelp()),
  },
  "docs/variables.md": { settings: renderSettingsTable },
  "docs/exit_codes.md": { "exit codes": renderExitCodeTable },
  "docs/permissions.md": { permissions: renderPermissionTable },
  "docs/engines.md": { engines: renderEngineTable, causes: renderCauseTable },
  "docs/status.md": { "status fields": renderStatusTable },
  "docs/metrics.md": { metrics: renderMetricsTable },
};

/**
 * Puts generated parts into a page.
 *
 * @param page Its path below the root.
 * @param text Its text.
 * @returns The text with its parts as the code makes them.
 */
export function updatePage(page: string, text: string): string {
  return Object.entries(GENERATED[page] ?? {}).reduce((updated, [name, render]) => {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [updated.indexOf(open), updated.indexOf(close)];
    if (start < 0 || end < start) throw new Error(`Cannot find ${open} … ${close} in ${page}`);
    return `${updated.slice(0, start)}${open}\n\n${render()}\n\n${updated.slice(end)}`;
  }, text);
}

if (import.meta.main) {
  for (const page of Object.keys(GENERATED)) {
    const url = new URL(page, ROOT);
    Deno.writeTextFileSync(url, updatePage(page, Deno.readTextFileSync(url)));
  }
}
