/** docs/performance.md: what stands between two markers is a bench's, the rest is written by hand. */
import { ROOT } from "../tests/support/run.ts";

const PATH = `${ROOT}/docs/performance.md`;
const PLOTS = `${ROOT}/docs/plots`;

/** A plot's file, without its directory and its end. */
export type Plot = readonly [name: string, svg: string];

/**
 * Puts a text between a document's markers `<!-- NAME -->` and `<!-- /NAME -->`.
 *
 * @param document All of it.
 * @param name The marker's name.
 * @param text What to put there.
 * @returns The document.
 * @throws {Error} If it has no such markers.
 */
export function replaceBlock(document: string, name: string, text: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [begin, end] = [document.indexOf(open), document.indexOf(close)];
  if (begin < 0 || end < begin) throw new Error(`Cannot find ${open} … ${close}`);
  return `${document.slice(0, begin + open.length)}\n\n${text.trim()}\n\n${document.slice(end)}`;
}

/**
 * Writes a block of docs/performance.md and its plots, formatted.
 *
 * @param name The block.
 * @param text What it says.
 * @param plots What it shows.
 */
export function writeDocument(name: string, text: string, plots: readonly Plot[]): void {
  Deno.mkdirSync(PLOTS, { recursive: true });
  for (const [plot, svg] of plots) Deno.writeTextFileSync(`${PLOTS}/${plot}.svg`, svg);
  Deno.writeTextFileSync(PATH, replaceBlock(Deno.readTextFileSync(PATH), name, text));
  new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", PATH], cwd: ROOT }).outputSync();
}

/** @returns The Markdown that shows a plot. */
export function showPlot([name]: Plot, title: string): string {
  return `![${title}](plots/${name}.svg)`;
}
