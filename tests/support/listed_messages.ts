/** The messages of docs/troubleshooting.md. */
import { ROOT } from "./run.ts";

/** The page. */
export const TROUBLESHOOTING: string = Deno.readTextFileSync(`${ROOT}/docs/troubleshooting.md`);

/** Stands for what is put in when the program runs. */
export const HOLE = "…";

/** Each line of the page's blocks is a message. */
export const LISTED_MESSAGES: readonly string[] = [
  ...TROUBLESHOOTING.matchAll(/^```text\n(.*?)^```$/gms),
].flatMap(([, block = ""]) => block.trimEnd().split("\n"));

/** Of those with fewer words of their own it says too little that a line has them. */
const FEWEST_WORDS = 3;

const PATTERNS = LISTED_MESSAGES
  .filter((text) => (text.match(/\p{L}[\p{L}\p{N}_'-]*/gu) ?? []).length >= FEWEST_WORDS)
  .map((text) => RegExp(text.split(HOLE).map(RegExp.escape).join(".*")));

/**
 * Finds the messages that a printed line shows.
 *
 * @param line The line.
 * @returns How many of the page's messages are in it.
 */
export function countListed(line: string): number {
  return PATTERNS.filter((pattern) => pattern.test(line)).length;
}
