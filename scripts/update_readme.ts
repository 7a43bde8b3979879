/**
 * Writes the generated parts of README.md, docs/engines.md and docs/metrics.md anew: `deno run --allow-read --allow-write
 * scripts/update_readme.ts`.
 *
 * @module
 */
import { renderCauseTable, renderEngineTable } from "../src/cli/engine_tables.ts";
import { renderMetricsTable } from "../src/cli/metrics_table.ts";
import {
  renderExitCodeTable,
  renderPermissionTable,
  renderSettingsTable,
} from "../src/cli/help.ts";

const README = new URL("../README.md", import.meta.url);
const ENGINES = new URL("../docs/engines.md", import.meta.url);
const METRICS = new URL("../docs/metrics.md", import.meta.url);

function putParts(text: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((updated, [name, part]) => {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [updated.indexOf(open), updated.indexOf(close)];
    if (start < 0 || end < start) throw new Error(`Cannot find ${open} … ${close} in the text`);
    return `${updated.slice(0, start)}${open}\n\n${part}\n\n${updated.slice(end)}`;
  }, text);
}

/** Puts generated parts into the README's text. */
export function updateReadme(text: string): string {
  return putParts(text, {
    settings: renderSettingsTable(),
    "exit codes": renderExitCodeTable(),
    permissions: renderPermissionTable(),
  });
}

/** Puts generated parts into the text of docs/engines.md. */
export function updateEngines(text: string): string {
  return putParts(text, { engines: renderEngineTable(), causes: renderCauseTable() });
}

/** Puts generated parts into the text of docs/metrics.md. */
export function updateMetrics(text: string): string {
  return putParts(text, { metrics: renderMetricsTable() });
}

if (import.meta.main) {
  Deno.writeTextFileSync(README, updateReadme(Deno.readTextFileSync(README)));
  Deno.writeTextFileSync(ENGINES, updateEngines(Deno.readTextFileSync(ENGINES)));
  Deno.writeTextFileSync(METRICS, updateMetrics(Deno.readTextFileSync(METRICS)));
}
