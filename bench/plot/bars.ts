/** Horizontal bars: a median each, a whisker from the lowest to the highest. No effects. */
import { makeScale, showNumber, showTick } from "./scale.ts";
import { estimateWidth, MARGIN, px, renderSvg, renderText, WIDTH } from "./svg.ts";

/** One bar. */
export interface Bar {
  readonly label: string;
  readonly kind: "ours" | "bar" | "floor";
  /** `undefined` where there is none. */
  readonly median?: number | undefined;
  readonly lowest?: number;
  readonly highest?: number;
  /** In place of the bar, where there is none. */
  readonly text?: string;
}

/** Bars on one scale. */
export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

const ROW = 24;
const BAR = 14;
const TITLE = 26;
const AXIS = 26;

/** Between two panels. */
const GAP = 14;

/** What a bar's value may take beside its whisker, px. */
const VALUE = 78;

/**
 * Draws panels below each other.
 *
 * @param title Of the whole.
 * @param panels At least one; bars of the same contender have the same label in each.
 * @returns An SVG file.
 */
export function renderBars(title: string, panels: readonly Panel[]): string {
  const labels = panels.flatMap(({ bars }) => bars.map(({ label }) => label));
  const left = MARGIN + Math.max(...labels.map(estimateWidth)) + 10;
  const elements: string[] = [];
  let y = MARGIN;
  for (const panel of panels) {
    elements.push(...renderPanel(panel, left, y));
    y += TITLE + panel.bars.length * ROW + AXIS + GAP;
  }
  return renderSvg(title, y - GAP + MARGIN / 2, elements);
}

function renderPanel({ title, unit, bars }: Panel, left: number, top: number): string[] {
  const scale = makeScale(
    bars.flatMap(({ median, lowest, highest }) =>
      median === undefined ? [] : [median, lowest ?? median, highest ?? median]
    ),
  );
  const width = WIDTH - MARGIN - VALUE - left;
  const x = (value: number) => left + scale.place(value) * width;
  const [first, last] = [top + TITLE, top + TITLE + bars.length * ROW];
  const note = [unit, scale.isLogarithmic ? "logarithmic" : ""].filter((text) => text !== "");
  const elements = [
    renderText(
      MARGIN,
      top + 14,
      note.length === 0 ? title : `${title}, ${note.join(", ")}`,
      "title",
    ),
  ];
  for (const tick of scale.ticks) {
    const at = px(x(tick));
    elements.push(`<path class="grid" d="M${at} ${px(first)}V${px(last)}"/>`);
    elements.push(renderText(x(tick), last + 16, showTick(tick), "dim", "middle"));
  }
  bars.forEach((bar, index) => {
    const middle = first + index * ROW + ROW / 2;
    elements.push(renderText(left - 10, middle + 4.5, bar.label, "", "end"));
    if (bar.median === undefined) {
      elements.push(renderText(left + 6, middle + 4.5, bar.text ?? "", "dim"));
      return;
    }
    const [lowest, highest] = [bar.lowest ?? bar.median, bar.highest ?? bar.median];
    elements.push(
      `<rect class="${bar.kind}" x="${px(left)}" y="${px(middle - BAR / 2)}" width="${
        px(Math.max(1, x(bar.median) - left))
      }" height="${BAR}" rx="2"/>`,
    );
    if (x(highest) - x(lowest) >= 1) {
      elements.push(renderWhisker(x(lowest), x(highest), middle));
    }
    elements.push(
      renderText(
        Math.max(x(bar.median), x(highest)) + 7,
        middle + 4.5,
        showNumber(bar.median),
        "value",
      ),
    );
  });
  return elements;
}

function renderWhisker(from: number, to: number, y: number): string {
  const end = (at: number) => `M${px(at)} ${px(y - 4)}V${px(y + 4)}`;
  return `<path class="whisker" d="${end(from)}${end(to)}M${px(from)} ${px(y)}H${px(to)}"/>`;
}
