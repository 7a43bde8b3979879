import { assert, assertEquals } from "@std/assert";
import { type Bar, DARK, LIGHT, renderBars, renderLines } from "../../bench/plot.ts";
import { showNumber } from "../../bench/report.ts";

const drawBars = (bars: readonly Bar[]) => renderBars([{ title: "Stop", unit: "ms", bars }]);
const drawValues = (...medians: number[]) =>
  drawBars(medians.map((median, index) => ({ label: `b${index}`, kind: "other", median })));

/** The elements of a kind, as Vega names it for screen readers. */
function findMarks(svg: string, kind: string): string[] {
  return svg.split("\n").filter((line) => line.includes(`aria-roledescription="${kind}"`));
}

const readBarLengths = (svg: string) =>
  findMarks(svg, "bar").map((bar) => Number(/ d="M[\d.]+,[\d.]+h([\d.]+)v/.exec(bar)?.[1]));

/** The labels of each axis, the horizontal one first. */
function readAxes(svg: string): string[][] {
  return [...svg.matchAll(/role-axis-label[^]*?<\/g>/g)].map(([axis]) =>
    [...axis.matchAll(/>([^<\n]+)</g)].map(([, text = ""]) => text)
  );
}

const LINES = {
  xTitle: "programs",
  yTitle: "ms",
  curves: [
    { label: "start", points: [{ x: 1, y: 5 }, { x: 10, y: 7 }, { x: 100, y: 80 }] },
    { label: "stop", points: [{ x: 1, y: 4 }, { x: 10, y: 6 }, { x: 100, y: 9 }] },
    { label: "restart", points: [{ x: 1, y: 2 }, { x: 10, y: 3 }, { x: 100, y: 3 }] },
  ],
};

Deno.test("renderBars() begins at 0, and ends with a round value that is no less than the highest", async () => {
  const svg = await drawValues(3, 7.5, 11);
  assertEquals(readAxes(svg)[0], ["0", "2", "4", "6", "8", "10", "12"]);
  const [short = NaN, middle = NaN, long = NaN] = readBarLengths(svg);
  assert(Math.abs(middle / short - 2.5) < 0.01 && Math.abs(long / short - 11 / 3) < 0.01);
  assert(!svg.includes("logarithmic"));
  const small = ["0", "0.05", "0.1", "0.15", "0.2", "0.25", "0.3"];
  assertEquals(readAxes(await drawValues(0.28))[0], small);
  const nothing = await drawValues(0, 0);
  assertEquals(readBarLengths(nothing), [0, 0]);
  assertEquals(readAxes(nothing)[0]?.at(-1), "1");
});

Deno.test("renderBars() uses powers of ten if the values differ much, and gives the lowest a length", async () => {
  const svg = await drawValues(10, 100, 10_000);
  assert(svg.includes("ms; logarithmic scale"));
  assertEquals(readAxes(svg)[0], ["1", "10", "100", "1000", "10,000"]);
  const [lowest = NaN, middle = NaN, highest = NaN] = readBarLengths(svg);
  assert(
    lowest > 0 && Math.abs(middle / lowest - 2) < 0.01 && Math.abs(highest / lowest - 4) < 0.01,
  );
  const withZero = await drawValues(0, 1_000);
  assert(!withZero.includes("logarithmic"), "0 has no power of ten");
});

Deno.test("showNumber() shows three digits that count", () => {
  assertEquals(
    [0, 7, 0.0942, 0.26, 3.14159, 45.67, 888.4, 12_111.9].map(showNumber),
    ["0", "7", "0.094", "0.26", "3.14", "45.7", "888", "12,112"],
  );
});

Deno.test("renderBars() has a bar and a whisker for what was measured, and a word for what was not", async () => {
  const svg = await drawBars([
    { label: "a & b", kind: "ours", median: 20.04, lowest: 10, highest: 40 },
    { label: "c", kind: "other", text: "never" },
    { label: "d", kind: "floor", median: 15 },
  ]);
  const bars = findMarks(svg, "bar");
  assertEquals(bars.map((bar) => /fill="(.*?)"/.exec(bar)?.[1]), [LIGHT.ours, LIGHT.floor]);
  const whiskers = findMarks(svg, "errorbar");
  assertEquals(whiskers.length, 1);
  assert(/translate\(125,.*? x2="375"/.test(whiskers[0] ?? ""), "10 to 40 of 500 px");
  const [value = ""] = findMarks(svg, "text mark").filter((mark) => mark.includes(">20.0<"));
  assert(/translate\(507,/.test(value), `the value must follow the whisker: ${value}`);
  assert(svg.includes(">15<") && svg.includes(">never<"));
  assert(svg.includes("ms; bar: median, whisker: lowest to highest"));
});

Deno.test("renderBars() has the same rows in each panel, in order and in full", async () => {
  const labels = ["z, a label that is longer than Vega would show by default", "a", "m"];
  const bars = labels.map((label, index): Bar => ({ label, kind: "other", median: index }));
  const unmeasured = labels.map((label): Bar => ({ label, kind: "other", text: "cannot" }));
  const svg = await renderBars([
    { title: "First", unit: "ms", bars },
    { title: "Second", unit: "", bars: unmeasured },
  ]);
  assertEquals(readAxes(svg).filter(([first]) => first === labels[0]), [labels, labels]);
});

Deno.test("renderLines() has a point for each value, and powers of ten on both axes", async () => {
  const svg = await renderLines("Growth", LINES);
  assertEquals(findMarks(svg, "point").length, 9);
  assertEquals(readAxes(svg), [["1", "10", "100"], ["1", "10", "100"]]);
  assert(svg.includes(">programs<") && svg.includes(">ms; both axes logarithmic<"));
  const points = [{ x: 5, y: 9 }, { x: 9, y: 5 }];
  const small = await renderLines("Growth", { ...LINES, curves: [{ label: "a", points }] });
  assertEquals(readAxes(small), [["1", "10"], ["1", "10"]]);
  const level = [{ label: "a", points: [{ x: 1, y: 10 }, { x: 10, y: 10 }] }];
  const flat = await renderLines("Growth", { ...LINES, curves: level });
  assertEquals(readAxes(flat), [["1", "10"], ["10", "100"]]);
});

Deno.test("renderLines() tells curves apart by color and by dashes, and its legend names each", async () => {
  const svg = await renderLines("Growth", LINES);
  const read = (marks: readonly string[], attribute: string) =>
    marks.map((mark) => new RegExp(` ${attribute}="(.*?)"`).exec(mark)?.[1]);
  const curves = findMarks(svg, "line mark");
  const samples = svg.split("\n").filter((line, index, lines) =>
    lines[index - 1]?.includes("role-legend-symbol") && line.startsWith("<path")
  );
  for (const attribute of ["stroke", "stroke-dasharray"]) {
    assertEquals(new Set(read(curves, attribute)).size, 3, attribute);
    assertEquals(read(samples, attribute), read(curves, attribute));
  }
  const names = [...svg.matchAll(/role-legend-label[^]*?>([^<\n]+)</g)].map(([, name]) => name);
  assertEquals(names, ["start", "stop", "restart"]);
});

Deno.test("every color of a plot has its counterpart on a dark page", async () => {
  const bars = await drawBars([
    { label: "a", kind: "ours", median: 20, lowest: 10, highest: 40 },
    { label: "b", kind: "other", median: 20 },
    { label: "c", kind: "floor", median: 20 },
    { label: "d", kind: "other", text: "never" },
  ]);
  for (const svg of [bars, await renderLines("Growth", LINES)]) {
    const [, dark = ""] =
      /<style>@media \(prefers-color-scheme: dark\) {([^]*?)<\/style>/.exec(svg) ?? [];
    const used = new Set(
      [...svg.replace(dark, "").matchAll(/\b(fill|stroke)="(?!none)(.*?)"/g)].map(([text]) => text),
    );
    assert(used.has(`fill="${LIGHT.page}"`) && used.size > 4);
    for (const text of used) assert(dark.includes(`[${text}] {`), text);
  }
  assertEquals(new Set([...Object.values(LIGHT), ...Object.values(DARK)]).size, 14);
});
