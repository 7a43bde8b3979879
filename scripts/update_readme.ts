/**
 * Writes the generated parts of README.md anew: `deno run --allow-read --allow-write scripts/update_readme.ts`.
 *
 * @module
 */
import {
  renderExitCodeTable,
  renderPermissionTable,
  renderSettingsTable,
} from "../src/cli/help.ts";

const PATH = new URL("../README.md", import.meta.url);

/** Puts generated parts into the README's text. */
export function updateReadme(text: string): string {
  const parts = {
    settings: renderSettingsTable(),
    "exit codes": renderExitCodeTable(),
    permissions: renderPermissionTable(),
  };
  return Object.entries(parts).reduce((updated, [name, part]) => {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [start, end] = [updated.indexOf(open), updated.indexOf(close)];
    if (start < 0 || end < start) throw new Error(`Cannot find ${open} … ${close} in README.md`);
    return `${updated.slice(0, start)}${open}\n\n${part}\n\n${updated.slice(end)}`;
  }, text);
}

if (import.meta.main) {
  Deno.writeTextFileSync(PATH, updateReadme(Deno.readTextFileSync(PATH)));
}
