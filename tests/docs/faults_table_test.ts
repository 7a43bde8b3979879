import { assertEquals } from "@std/assert";
import { SCENARIOS } from "../../bench/faults/scenarios.ts";
import { ROOT } from "../support/run.ts";

const README = Deno.readTextFileSync(`${ROOT}/README.md`);

/** The first cells of the fault table's rows. */
function readRows(): string[] {
  const [, table = ""] = /<!-- faults -->([^]*)<!-- \/faults -->/.exec(README) ?? [];
  const [, , ...rows] = table.split("\n").filter((line) => line.startsWith("| "));
  return rows.map((row) => row.split("|")[1]!.trim());
}

Deno.test("README.md's fault table has a row for every scenario, in order", () => {
  assertEquals(readRows(), SCENARIOS.map(({ name }) => name));
});
