import { assertEquals } from "@std/assert";
import { FIELD_ENGINES } from "../field/engines.ts";
import { ROOT } from "../support/run.ts";

Deno.test("docs/engines.md has a row for each case of the field tests, and no other", () => {
  const text = Deno.readTextFileSync(`${ROOT}/docs/engines.md`);
  const [, tables = ""] = /<!-- field -->([\s\S]*)<!-- \/field -->/.exec(text) ?? [];
  const rows = [...tables.matchAll(/^\| ([^|]+?) +\|/gm)].map(([, cell = ""]) => cell)
    .filter((cell) => cell !== "Engine" && !/^-+$/.test(cell));
  const cases = FIELD_ENGINES.flatMap(({ title, faults, badStarts, drains }) =>
    Array<string>(1 + faults.length + badStarts.length + drains.length).fill(title)
  );
  assertEquals(rows.sort(), cases.sort());
});
