import { assert, assertEquals } from "@std/assert";
import { renderBars } from "../../bench/plot/bars.ts";
import { renderLines, spreadLabels } from "../../bench/plot/lines.ts";
import { makeScale, showNumber } from "../../bench/plot/scale.ts";

Deno.test("makeScale() begins at 0, and ends with a round value that is no less than the highest", () => {
  const scale = makeScale([3, 8, 11]);
  assertEquals(scale.isLogarithmic, false);
  assertEquals(scale.ticks, [0, 5, 10, 15]);
  assertEquals([0, 7.5, 15, 99].map(scale.place), [0, 0.5, 1, 1]);
  assertEquals(makeScale([0.28]).ticks, [0, 0.1, 0.2, 0.3]);
  assertEquals(makeScale([0, 0]).ticks.at(-1), 1);
});

Deno.test("makeScale() goes by powers of ten where values differ much, and gives the lowest a length", () => {
  const scale = makeScale([10, 1_000]);
  assertEquals(scale.isLogarithmic, true);
  assertEquals(scale.ticks, [1, 10, 100, 1_000]);
  assert(scale.place(10) > 0 && scale.place(1_000) === 1);
  assertEquals(makeScale([0, 1_000]).isLogarithmic, false); // 0 has no power of ten.
  assertEquals(makeScale([5, 9], "log").ticks, [1, 10]);
});

Deno.test("showNumber() shows three digits that count", () => {
  assertEquals(
    [0, 7, 0.0942, 0.26, 3.14159, 45.67, 888.4, 12_111.9].map(showNumber),
    ["0", "7", "0.094", "0.26", "3.14", "45.7", "888", "12,112"],
  );
});

Deno.test("renderBars() has a bar and a whisker for what was measured, and words for what was not", () => {
  const svg = renderBars("Stop", [{
    title: "Stop",
    unit: "ms",
    bars: [
      { label: "a & b", kind: "ours", median: 20, lowest: 10, highest: 40 },
      { label: "c", kind: "bar", text: "never" },
    ],
  }]);
  assertEquals(svg.match(/<rect class="(ours|bar)"/g), ['<rect class="ours"']);
  assertEquals(svg.match(/class="whisker"/g)?.length, 1);
  assert(svg.includes(">a &amp; b<") && svg.includes(">never<"));
  assert(svg.includes("prefers-color-scheme: dark"));
});

Deno.test("renderLines() has a point for each value", () => {
  const points = [{ x: 1, y: 5 }, { x: 10, y: 7 }, { x: 100, y: 80 }];
  const svg = renderLines("Growth", {
    xTitle: "programs",
    yTitle: "ms",
    curves: [{ label: "start", points }],
  });
  assertEquals(svg.match(/<circle/g)?.length, 3);
});

Deno.test("spreadLabels() moves down what would overlap, and nothing else", () => {
  assertEquals(spreadLabels([100, 10, 102, 104]), [100, 10, 116, 132]);
});
