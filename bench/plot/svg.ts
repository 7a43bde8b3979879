/** The frame of every plot: colours for light and dark, text, escaping. No effects. */

/** The width of every plot, px. */
export const WIDTH = 820;

/** The size of text, px. */
export const FONT = 13;

/** Room around everything, px. */
export const MARGIN = 16;

const STYLE = `
text { font: ${FONT}px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 14px }
.dim { fill: #656d76 } .value { paint-order: stroke; stroke: #ffffff; stroke-width: 4px }
.back { fill: #ffffff }
.grid { stroke: #d8dee4; stroke-width: 1 }
.bar { fill: #a9b4c0 } .ours { fill: #2f81f7 } .floor { fill: #c9b37e }
.whisker { stroke: #24292f; stroke-width: 1.2; fill: none }
.line { fill: none; stroke-width: 2 } .dot { stroke: none }
.s0 { stroke: #2f81f7; fill: #2f81f7 } .s1 { stroke: #bc4c00; fill: #bc4c00 } .s2 { stroke: #1a7f37; fill: #1a7f37 }
text.s0, text.s1, text.s2 { stroke: none } .line { fill: none !important }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .dim { fill: #9198a1 } .value { stroke: #0d1117 } .back { fill: #0d1117 } .grid { stroke: #30363d }
  .bar { fill: #57606a } .ours { fill: #388bfd } .floor { fill: #8a7640 } .whisker { stroke: #e6edf3 }
  .s0 { stroke: #58a6ff; fill: #58a6ff } .s1 { stroke: #f0883e; fill: #f0883e } .s2 { stroke: #3fb950; fill: #3fb950 }
}`;

/** @returns Text as it may stand in XML. */
export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** @returns A coordinate with a tenth of a pixel. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/**
 * @param text What to write.
 * @param className Its class, or more, separated by blanks; "" for none.
 * @param anchor `start`, `middle` or `end`.
 * @returns A text element at a base line.
 */
export function renderText(
  x: number,
  y: number,
  text: string,
  className = "",
  anchor: "start" | "middle" | "end" = "start",
): string {
  const attributes = `${className === "" ? "" : ` class="${className}"`}${
    anchor === "start" ? "" : ` text-anchor="${anchor}"`
  }`;
  return `<text x="${px(x)}" y="${px(y)}"${attributes}>${escapeXml(text)}</text>`;
}

/** @returns About how wide text is, px: generous, since fonts differ. */
export function estimateWidth(text: string): number {
  return text.length * FONT * 0.58;
}

/**
 * Puts a plot's elements into a document.
 *
 * @param title What a screen reader says.
 * @param height Its height, px.
 * @param elements The elements.
 * @returns The file.
 */
export function renderSvg(title: string, height: number, elements: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${
      px(height)
    }" viewBox="0 0 ${WIDTH} ${px(height)}" role="img" aria-label="${escapeXml(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="back" width="100%" height="100%"/>`,
    ...elements,
    "</svg>\n",
  ].join("\n");
}
