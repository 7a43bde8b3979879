/** Plots as SVG files for light and dark pages, drawn by Vega-Lite. */
import { parse, View } from "npm:vega@6.4.0";
import { compile, type Config, type TopLevelSpec } from "npm:vega-lite@6.5.0";
import { showNumber } from "./report.ts";

/** One bar. */
export interface Bar {
  readonly label: string;
  readonly kind: "ours" | "other" | "floor";
  /** `undefined` if nothing was measured. */
  readonly median?: number | undefined;
  readonly lowest?: number;
  readonly highest?: number;
  /** Shown instead of a bar if there is no median. */
  readonly text?: string;
}

/** Bars on one scale. */
export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

/** One curve. */
export interface Curve {
  readonly label: string;
  /** All values are above 0. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Curves in one frame. */
export interface Chart {
  readonly xTitle: string;
  /** The cost, with its unit. */
  readonly yTitle: string;
  /** At most three, because there are three line styles. */
  readonly curves: readonly Curve[];
}

/** The colors on a light page. */
export const LIGHT = {
  page: "#ffffff",
  text: "#24292f",
  label: "#656d76",
  grid: "#d8dee4",
  ours: "#2f81f7",
  other: "#a9b4c0",
  floor: "#d0d7de",
};

/** What replaces them on a dark page. */
export const DARK: typeof LIGHT = {
  page: "#0d1117",
  text: "#e6edf3",
  label: "#9198a1",
  grid: "#30363d",
  ours: "#388bfd",
  other: "#57606a",
  floor: "#3d444d",
};

const FONT_SIZE = 13;

const CONFIG: Config = {
  background: LIGHT.page,
  font: "system-ui, sans-serif",
  padding: 16,
  axis: { domain: false, gridColor: LIGHT.grid, labelFlush: false, labelPadding: 8, ticks: false },
  axisY: { labelLimit: 0 },
  legend: { labelLimit: 0, orient: "top", symbolSize: 400, symbolType: "stroke", title: null },
  style: {
    "group-title": { fill: LIGHT.text, fontSize: 14 },
    "group-subtitle": { fill: LIGHT.label, fontSize: FONT_SIZE },
    "guide-label": { fill: LIGHT.label, fontSize: FONT_SIZE },
    "guide-title": { fill: LIGHT.text, fontSize: FONT_SIZE, fontWeight: "normal" },
  },
  text: { align: "left", color: LIGHT.text, dx: 7, fontSize: FONT_SIZE },
  title: { anchor: "start", offset: 10 },
  view: { stroke: null },
};

/** How the tables show numbers. */
const NUMBER = "format(datum.value, datum.value < 10000 ? '~r' : ',')";

/** An axis by powers of ten around the values. */
function makeLogarithmic(lowest: number, highest: number, title: string | null) {
  const first = Math.floor(Math.log10(lowest));
  const last = Math.max(Math.ceil(Math.log10(highest)), first + 1);
  const values = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  return {
    type: "quantitative" as const,
    scale: { type: "log" as const, domain: [values[0]!, values.at(-1)!] },
    axis: { labelExpr: NUMBER, title, values },
  };
}

/** Values that differ by more than this factor need a logarithmic axis. */
const LOGARITHMIC_FROM = 50;

/** A logarithmic axis starts below the lowest value, so that its bar has a length. */
const BELOW_LOWEST = 0.7;

/** An axis from 0, or by powers of ten if the values differ much. */
function makeAxis(values: readonly number[]) {
  const [lowest, highest] = [Math.min(...values), Math.max(...values, 0)];
  if (lowest > 0 && highest / lowest > LOGARITHMIC_FROM) {
    return makeLogarithmic(lowest * BELOW_LOWEST, highest, null);
  }
  return {
    type: "quantitative" as const,
    scale: { type: "linear" as const, domain: [0, highest > 0 ? highest : 1], nice: 5 },
    axis: { labelExpr: NUMBER, tickCount: 5, title: null },
  };
}

type PanelSpec = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];

function makePanel({ title, unit, bars }: Panel, labelWidth: number): PanelSpec {
  const measured = bars.flatMap((bar) => {
    const { median, lowest = median, highest = median } = bar;
    return median === undefined || lowest === undefined || highest === undefined
      ? []
      : [{ ...bar, color: LIGHT[bar.kind], median, lowest, highest, shown: showNumber(median) }];
  });
  const ranges = measured.filter(({ lowest, highest }) => lowest < highest);
  const x = makeAxis(measured.flatMap(({ median, lowest, highest }) => [median, lowest, highest]));
  const notes = [
    ...unit === "" ? [] : [unit],
    ...x.scale.type === "log" ? ["logarithmic scale"] : [],
    ...ranges.length === 0 ? [] : ["bar: median, whisker: lowest to highest"],
  ];
  return {
    title: { text: title, subtitle: notes.join("; ") },
    width: 500,
    height: { step: 24 },
    data: { values: measured },
    encoding: {
      y: {
        field: "label",
        type: "nominal",
        scale: { domain: bars.map(({ label }) => label) },
        axis: { labelAlign: "left", labelColor: LIGHT.text, labelPadding: labelWidth, title: null },
      },
    },
    layer: [
      {
        mark: { type: "bar", height: 14 },
        encoding: {
          x: { field: "median", ...x },
          x2: { datum: x.scale.domain[0]! },
          color: { field: "color", scale: null },
        },
      },
      {
        data: { values: ranges },
        mark: { type: "errorbar", color: LIGHT.text, ticks: { size: 8 } },
        encoding: { x: { field: "lowest", ...x }, x2: { field: "highest" } },
      },
      { mark: "text", encoding: { x: { field: "highest", ...x }, text: { field: "shown" } } },
      {
        data: { values: bars.filter(({ median }) => median === undefined) },
        mark: { type: "text", color: LIGHT.label },
        encoding: { x: { value: 0 }, text: { field: "text" } },
      },
    ],
  };
}

/**
 * Draws panels below each other.
 *
 * @param panels At least one; bars of the same contender have the same label in each.
 * @returns An SVG file.
 */
export function renderBars(panels: readonly Panel[]): Promise<string> {
  const labels = panels.flatMap(({ bars }) => bars.map(({ label }) => label.length));
  // Vega has no canvas here and assumes 0.8 em a character, which would waste a quarter of the width.
  const labelWidth = Math.max(...labels) * FONT_SIZE * 0.58 + 8;
  return render({ vconcat: panels.map((panel) => makePanel(panel, labelWidth)) });
}

/**
 * Draws curves.
 *
 * @param title Of the whole.
 * @param chart The curves.
 * @returns An SVG file.
 */
export function renderLines(title: string, { xTitle, yTitle, curves }: Chart): Promise<string> {
  const values = curves.flatMap(({ label, points }) => points.map((one) => ({ label, ...one })));
  const [xs, ys] = [values.map(({ x }) => x), values.map(({ y }) => y)];
  const style = <T>(range: T[]) => ({
    field: "label",
    type: "nominal" as const,
    scale: { domain: curves.map(({ label }) => label), range },
  });
  return render({
    title: { text: title, subtitle: `${yTitle}; both axes logarithmic` },
    width: 700,
    height: 230,
    data: { values },
    mark: { type: "line", point: { size: 50 } },
    encoding: {
      x: { field: "x", ...makeLogarithmic(Math.min(...xs), Math.max(...xs), xTitle) },
      y: { field: "y", ...makeLogarithmic(Math.min(...ys), Math.max(...ys), null) },
      color: style([LIGHT.ours, LIGHT.text, LIGHT.label]),
      strokeDash: style([[1, 0], [6, 3], [2, 3]]),
    },
  });
}

async function render(spec: TopLevelSpec): Promise<string> {
  const compiled = parse(compile(spec, { config: CONFIG }).spec);
  const svg = await new View(compiled, { renderer: "none" }).toSVG();
  const rules = Object.entries(LIGHT).flatMap(([name, color]) =>
    ["fill", "stroke"].map((property) =>
      `[${property}="${color}"] { ${property}: ${DARK[name as keyof typeof LIGHT]} }`
    )
  );
  const style = `<style>@media (prefers-color-scheme: dark) {\n${rules.join("\n")}\n}</style>`;
  // One element per line, so that diffs are readable.
  return svg.replace(">", `>${style}`).replaceAll("><", ">\n<") + "\n";
}
