/**
 * The tables of docs/engines.md, from the data of `engines/`.
 *
 * @module
 */
import { CAUSE_NAMES, CAUSES } from "../engines/cause.ts";
import type { EngineCommand } from "../engines/profile.ts";
import { PROFILES } from "../engines/profiles.ts";
import { renderTable } from "./markdown_table.ts";

/** The table of causes, most specific first. */
export function renderCauseTable(): string {
  return renderTable(
    ["Cause", "Means", "What to do"],
    CAUSE_NAMES.map((cause) => [`\`${cause}\``, CAUSES[cause].meaning, CAUSES[cause].advice]),
  );
}

function renderCommand({ program, module, script, subcommands = [] }: EngineCommand): string {
  const start = program ?? (module === undefined ? `…/${script}` : `python -m ${module}`);
  return `\`${[start, ...subcommands].join(" ")}\``;
}

/** The table of engines. */
export function renderEngineTable(): string {
  const code = (text: string | undefined) => text === undefined ? "" : `\`${text}\``;
  return renderTable(
    ["`PROCESS_ENGINE`", "Commands", "Port", "Health", "Running", "Progress"],
    Object.values(PROFILES).filter(({ commands }) => commands.length > 0).map((profile) => [
      `\`${profile.name}\` (${profile.title})`,
      profile.commands.map(renderCommand).join(", "),
      profile.listening?.port.fallback ?? "",
      code(profile.readyPath ?? profile.healthPath),
      profile.metrics?.running.map(code).join(", ") ?? "",
      profile.metrics?.progress.map(code).join(", ") ?? "",
    ]),
  );
}
