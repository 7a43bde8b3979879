import { assert, assertEquals } from "@std/assert";
import { GENERATED, updatePage } from "../../scripts/update_docs.ts";
import { renderHelp } from "../../src/cli/help.ts";
import { SETTINGS } from "../../src/configuration/settings.ts";
import { ROOT } from "../support/run.ts";

const read = (path: string): string => Deno.readTextFileSync(`${ROOT}/${path}`);

/** `deno fmt` pads a table's cells, which says nothing. */
function squeeze(text: string): string {
  return text.replace(/[ -]+/g, " ");
}

for (const page of Object.keys(GENERATED)) {
  Deno.test(`${page} has the tables that the code generates`, () => {
    assertEquals(squeeze(read(page)), squeeze(updatePage(page, read(page))));
  });
}

Deno.test("README.md leads to every page with a generated table in one step", () => {
  const readme = read("README.md");
  assertEquals(Object.keys(GENERATED).filter((page) => !readme.includes(`](${page}`)), []);
});

Deno.test("docs/status.schema.json has every field of the status document, and tells of each", () => {
  const fields = [...read("src/status/status_document.ts").matchAll(/^ {2,}readonly (\w+)\??:/gm)]
    .map(([, name]) => name);
  assert(fields.length > 30, fields.join(" "));
  const schema = read("docs/status.schema.json");
  assertEquals(fields.filter((name) => !schema.includes(`"${name}": {`)), []);
  const rows = [...read("docs/status.md").matchAll(/^\| `[\w.[\]]+` +\|.*\| +\|$/gm)];
  assertEquals(rows.map(([row]) => row), []);
});

Deno.test("renderHelp() names every setting with its default", () => {
  for (const { name, aliases, defaultText } of Object.values(SETTINGS)) {
    for (const text of [name, ...aliases, defaultText]) assert(renderHelp().includes(text), text);
  }
});

Deno.test("CHANGELOG.md opens with Unreleased", () => {
  assert(/^# Changelog\n\n## Unreleased\n/.test(read("CHANGELOG.md")));
});
