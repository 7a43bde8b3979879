import { assert, assertEquals, assertThrows } from "@std/assert";
import { replaceBlock } from "../../bench/document.ts";
import { renderAbilities } from "../../bench/peers/abilities.ts";
import { judge } from "../../bench/peers/bounds.ts";
import { type Reading, type Result, type Row, summarize } from "../../bench/peers/results.ts";
import { renderSideBySide } from "../../bench/peers/side_by_side.ts";
import { makePanels, renderResult } from "../../bench/peers/table.ts";

function makeRow(contender: string, key: string, ...readings: Reading[]): Row {
  const isOurs = contender.startsWith("ours");
  return { contender, version: "1", isOurs, rounds: readings.map((one) => ({ [key]: one })) };
}

const GIVE_UP: Result = {
  name: "give_up",
  title: "Give-up",
  text: "",
  date: "2026-11-28",
  measures: [{ key: "end", title: "to exit", unit: "ms", better: "less" }],
  rows: [
    makeRow(
      "ours",
      "end",
      ...[50, 70, 60].map((value) => ({ value, note: "exit code 1 after 2 starts" })),
    ),
    makeRow("the Python original", "end", { value: null, note: "3 starts in 15 s" }),
    makeRow("s6", "end", { value: 8, note: "exit code 1 after 2 starts" }),
    { ...makeRow("broken", "end"), cannot: "it is not there" },
  ],
};

Deno.test("summarize() tells median, range and what never came", () => {
  const [ours, original, , broken] = GIVE_UP.rows as [Row, Row, Row, Row];
  const spread = summarize(ours, "end");
  assertEquals([spread?.median, spread?.lowest, spread?.highest], [60, 50, 70]);
  assertEquals(summarize(original, "end")?.median, Infinity);
  assertEquals(summarize(broken, "end"), undefined);
  const even = makeRow("a", "end", { value: 1 }, { value: 3 });
  assertEquals(summarize(even, "end")?.median, 2);
});

Deno.test("renderResult() has a row for everyone, and says why one cannot", () => {
  assertEquals(renderResult(GIVE_UP).split("\n"), [
    "|  | to exit, ms |  |",
    "| --- | --- | --- |",
    "| ours | 60 (50–70) | exit code 1 after 2 starts |",
    "| the Python original | never | 3 starts in 15 s |",
    "| s6 | 8 | exit code 1 after 2 starts |",
    "| broken | cannot | it is not there |",
  ]);
});

Deno.test("makePanels() has a bar or a word for everyone", () => {
  assertEquals(makePanels(GIVE_UP), [{
    title: "Give-up: to exit",
    unit: "ms",
    bars: [
      { label: "ours", kind: "ours", median: 60, lowest: 50, highest: 70 },
      { label: "the Python original", kind: "other", text: "never" },
      { label: "s6", kind: "other", median: 8, lowest: 8, highest: 8 },
      { label: "broken", kind: "other", text: "cannot" },
    ],
  }]);
});

Deno.test("renderAbilities() tells who ends when the budget is used up", () => {
  const table = renderAbilities([GIVE_UP]);
  assert(table.includes("| ours | 1 | yes: ends after 2 starts | 1 | – | – |"), table);
  assert(table.includes("| no: 3 starts in 15 s, and lives on | never exits |"), table);
});

Deno.test("renderSideBySide() has ours and the original alone", () => {
  const lines = renderSideBySide([GIVE_UP]).split("\n");
  assertEquals(lines.length, 5);
  assert(lines[4]?.endsWith("| never: 3 starts in 15 s |"));
});

Deno.test("judge() compares with who ends at all, and with the original", () => {
  assertEquals(judge([GIVE_UP]).map(({ holds }) => holds), [false, true]);
});

Deno.test("judge() measures a start against the sum of the floors", () => {
  const makeStart = (ours: number): Result => ({
    ...{ name: "start", title: "Start", text: "", date: "", measures: [] },
    rows: [
      makeRow("ours", "first", { value: ours }),
      makeRow("floor: supervisord", "first", { value: 60 }),
      makeRow("floor: deno", "first", { value: 15 }),
    ],
  });
  assertEquals([135, 136].map((ours) => judge([makeStart(ours)])[0]?.holds), [true, false]);
});

Deno.test("replaceBlock() leaves what stands around the markers, which must be there", () => {
  const document = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n";
  assertEquals(replaceBlock(document, "x", "new"), "a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb\n");
  assertThrows(() => replaceBlock(document, "y", "new"), Error, "Cannot find");
});
