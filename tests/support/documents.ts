/** The documents of this repository, and the code that they show. */
import { ROOT } from "./run.ts";

/** A line of code in a document, as one would type it. */
export interface ShownLine {
  /** The document, and the line. */
  readonly place: string;
  /** The line, continued lines joined. */
  readonly text: string;
}

/** A fenced block. */
export interface ShownBlock {
  readonly place: string;
  /** What stands behind the fence. */
  readonly language: string;
  readonly text: string;
}

/** Every document for users and contributors, below the root. CHANGELOG.md tells of what has been. */
export const DOCUMENTS: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "examples/sagemaker/README.md",
  ...[...Deno.readDirSync(`${ROOT}/docs`)].map(({ name }) => `docs/${name}`)
    .filter((path) => path.endsWith(".md")).sort(),
];

/** A document's text. */
export function readDocument(path: string): string {
  return Deno.readTextFileSync(`${ROOT}/${path}`);
}

const FENCE = /^```(\w*)\n(.*?)^```$/gms;

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** The fenced blocks of a document. */
export function readBlocks(path: string): ShownBlock[] {
  const text = readDocument(path);
  return [...text.matchAll(FENCE)].map(({ index, 1: language = "", 2: block = "" }) => ({
    place: `${path}:${lineAt(text, index)}`,
    language,
    text: block,
  }));
}

/** The lines that are code by their four blanks. */
export function readIndented(path: string): ShownLine[] {
  const text = readDocument(path)
    .replaceAll(FENCE, (block) => block.replaceAll(/[^\n]/g, ""))
    .replaceAll(/ \\\n +/g, (cut) => " ".repeat(cut.length));
  return [...text.matchAll(/^ {4}(\S.*)$/gm)].map(({ index, 1: line = "" }) => ({
    place: `${path}:${lineAt(text, index)}`,
    text: line,
  }));
}

/** The code within lines. */
export function readSpans(path: string): ShownLine[] {
  const text = readDocument(path)
    .replaceAll(FENCE, (block) => block.replaceAll(/[^\n]/g, ""))
    .replaceAll(/^ {4}.*$/gm, "");
  return [...text.matchAll(/(?<!`)`([^`]+)`(?!`)/g)].map(({ index, 1: span = "" }) => ({
    place: `${path}:${lineAt(text, index)}`,
    text: span.replaceAll(/\s+/g, " "),
  }));
}
