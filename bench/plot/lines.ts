/** Curves over one quantity that grows, both axes by powers of ten. No effects. */
import { makeScale, showNumber, showTick } from "./scale.ts";
import { estimateWidth, MARGIN, px, renderSvg, renderText, WIDTH } from "./svg.ts";

/** One curve. */
export interface Curve {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Curves in one frame. */
export interface Chart {
  /** What grows. */
  readonly xTitle: string;
  /** What it costs, with its unit. */
  readonly yTitle: string;
  /** Three at most: so many colours are told apart. */
  readonly curves: readonly Curve[];
}

const HEIGHT = 330;
const LEFT = 74;
const TOP = 46;
const BOTTOM = 54;

/**
 * Draws curves.
 *
 * @param title Of the whole.
 * @param chart The curves; each value is above 0.
 * @returns An SVG file.
 */
export function renderLines(title: string, { xTitle, yTitle, curves }: Chart): string {
  const points = curves.flatMap((curve) => curve.points);
  const [xs, ys] = [
    makeScale(points.map(({ x }) => x), "log"),
    makeScale(points.map(({ y }) => y), "log"),
  ];
  const right = WIDTH - MARGIN - Math.max(...curves.map(({ label }) => estimateWidth(label))) - 12;
  const x = (value: number) => LEFT + xs.place(value) * (right - LEFT);
  const y = (value: number) => HEIGHT - BOTTOM - ys.place(value) * (HEIGHT - BOTTOM - TOP);
  const elements = [
    renderText(MARGIN, MARGIN + 12, `${title}: ${yTitle}, both axes logarithmic`, "title"),
    renderText((LEFT + right) / 2, HEIGHT - 12, xTitle, "", "middle"),
  ];
  for (const tick of ys.ticks) {
    elements.push(`<path class="grid" d="M${LEFT} ${px(y(tick))}H${px(right)}"/>`);
    elements.push(renderText(LEFT - 8, y(tick) + 4.5, showTick(tick), "dim", "end"));
  }
  for (const tick of xs.ticks) {
    elements.push(`<path class="grid" d="M${px(x(tick))} ${TOP}V${HEIGHT - BOTTOM}"/>`);
    elements.push(
      renderText(x(tick), HEIGHT - BOTTOM + 20, showTick(tick), "dim", "middle"),
    );
  }
  const ends = spreadLabels(curves.map((curve) => y(curve.points.at(-1)!.y)));
  curves.forEach((curve, index) => {
    const path = curve.points.map((point) => `${px(x(point.x))} ${px(y(point.y))}`).join("L");
    elements.push(`<path class="line s${index}" d="M${path}"/>`);
    for (const point of curve.points) {
      elements.push(
        `<circle class="dot s${index}" cx="${px(x(point.x))}" cy="${
          px(y(point.y))
        }" r="3.5"><title>${showNumber(point.x)}: ${showNumber(point.y)}</title></circle>`,
      );
    }
    elements.push(
      renderText(x(curve.points.at(-1)!.x) + 10, ends[index]! + 4.5, curve.label, `s${index}`),
    );
  });
  return renderSvg(title, HEIGHT, elements);
}

/** The least distance of two labels, px. */
const APART = 16;

/**
 * Moves labels apart that would overlap.
 *
 * @param places Where they should be, px.
 * @returns Where they are, in the same order: the higher ones stay.
 */
export function spreadLabels(places: readonly number[]): number[] {
  const order = places.map((_, index) => index).toSorted((a, b) => places[a]! - places[b]!);
  const spread = [...places];
  let last = -Infinity;
  for (const index of order) {
    last = Math.max(spread[index]!, last + APART);
    spread[index] = last;
  }
  return spread;
}
