import { assertEquals } from "@std/assert";
import { SCENARIOS } from "../../bench/faults/scenarios.ts";
import { ROOT } from "../support/run.ts";

const PAGE = Deno.readTextFileSync(`${ROOT}/docs/faults.md`);

/** The first cells of the fault table's rows. */
function readRows(): string[] {
  const [, table = ""] = /<!-- faults -->([^]*)<!-- \/faults -->/.exec(PAGE) ?? [];
  const [, , ...rows] = table.split("\n").filter((line) => line.startsWith("| "));
  return rows.map((row) => row.split("|")[1]!.trim());
}

Deno.test("docs/faults.md: the fault table has a row for every scenario, in order", () => {
  assertEquals(readRows(), SCENARIOS.map(({ name }) => name));
});
