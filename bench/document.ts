/** Documents in which what stands between two markers is a bench's, and the rest is written by hand. */
import { ROOT } from "../tests/support/run.ts";

const DOCS = `${ROOT}/docs`;

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
 * Writes a block of a document, and formats it.
 *
 * @param file Its name below `docs/`.
 * @param name The block.
 * @param text What it says.
 */
export function writeBlock(file: string, name: string, text: string): void {
  const path = `${DOCS}/${file}`;
  Deno.writeTextFileSync(path, replaceBlock(Deno.readTextFileSync(path), name, text));
  new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path], cwd: ROOT }).outputSync();
}

/** Writes plots below `docs/plots/`. */
export function writePlots(plots: readonly Plot[]): void {
  Deno.mkdirSync(`${DOCS}/plots`, { recursive: true });
  for (const [name, svg] of plots) Deno.writeTextFileSync(`${DOCS}/plots/${name}.svg`, svg);
}

/** @returns The Markdown that shows a plot. */
export function showPlot([name]: Plot, title: string): string {
  return `![${title}](plots/${name}.svg)`;
}
