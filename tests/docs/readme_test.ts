import { assert, assertEquals } from "@std/assert";
import { renderHelp } from "../../src/cli/help.ts";
import { SETTINGS } from "../../src/settings/settings.ts";
import { updateEngines, updateMetrics, updateReadme } from "../../scripts/update_readme.ts";

const ROOT = new URL("../..", import.meta.url);
const read = (path: string): string => Deno.readTextFileSync(new URL(path, ROOT));

/** `deno fmt` pads a table's cells, which says nothing. */
function squeeze(text: string): string {
  return text.replace(/[ -]+/g, " ");
}

Deno.test("README.md has the tables that the code generates", () => {
  assertEquals(squeeze(read("README.md")), squeeze(updateReadme(read("README.md"))));
});

Deno.test("docs/engines.md has the tables that the code generates", () => {
  const text = read("docs/engines.md");
  assertEquals(squeeze(text), squeeze(updateEngines(text)));
});

Deno.test("docs/metrics.md has the table that the code generates", () => {
  const text = read("docs/metrics.md");
  assertEquals(squeeze(text), squeeze(updateMetrics(text)));
});

Deno.test("renderHelp() names every setting with its default", () => {
  for (const { name, aliases, defaultText } of Object.values(SETTINGS)) {
    for (const text of [name, ...aliases, defaultText]) assert(renderHelp().includes(text), text);
  }
});

Deno.test("CHANGELOG.md opens with Unreleased", () => {
  assert(/^# Changelog\n\n## Unreleased\n/.test(read("CHANGELOG.md")));
});
