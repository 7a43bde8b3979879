/**
 * Booleans as supervisord reads them, and we with it.
 *
 * @module
 */

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  "1": true,
  yes: true,
  on: true,
  false: false,
  "0": false,
  no: false,
  off: false,
};

/** What {@linkcode parseBoolean} reads, as in "Cannot read NAME as …". */
export const BOOLEAN = "a boolean (true, false, 1, 0, yes, no, on, off)";

/**
 * Reads a boolean, in any case.
 *
 * @see https://github.com/Supervisor/supervisor/blob/4.3.0/supervisor/datatypes.py
 */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return Object.hasOwn(BOOLEANS, word) ? BOOLEANS[word] : undefined;
}

/** Tells whether an option's text means true; white space around it is ignored. */
export function isTrue(text: string): boolean {
  return parseBoolean(text.trim()) === true;
}
