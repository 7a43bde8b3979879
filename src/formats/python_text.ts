/**
 * Text and numbers as Python reads them, because supervisord is written in it and JavaScript
 * differs: U+FEFF is white space to JavaScript only, U+001C to U+001F and U+0085 to Python only.
 *
 * @module
 */

const WHITE_SPACE =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const LEADING = new RegExp(`^[${WHITE_SPACE}]+`);
const ONE = new RegExp(`^[${WHITE_SPACE}]$`);

/** Tells whether `character` is white space to Python's `str.isspace()`. */
export function isPythonSpace(character: string): boolean {
  return ONE.test(character);
}

/** Removes white space at both ends, as Python's `str.strip()` does. */
export function stripPythonSpace(text: string): string {
  let end = text.length;
  while (end > 0 && isPythonSpace(text.charAt(end - 1))) end--;
  return text.slice(0, end).replace(LEADING, "");
}

/** The value of a decimal digit of any script: they come in runs of ten, zero first. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let start = code;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(start - 1))) start--;
  return (code - start) % 10;
}

/**
 * Reads an integer as Python's `int(text, base)` does: a sign, single underscores between digits,
 * white space around, decimal digits of any script and, for base 8, the prefix `0o`.
 *
 * @example
 * ```ts
 * parsePythonInteger("1_000"); // 1000
 * parsePythonInteger("1__0"); // undefined
 * ```
 */
export function parsePythonInteger(text: string, base: 8 | 10 = 10): number | undefined {
  const prefix = base === 8 ? "(?:0[oO]_?)?" : "";
  const match = new RegExp(`^([+-]?)${prefix}(\\p{Nd}+(?:_\\p{Nd}+)*)$`, "u")
    .exec(stripPythonSpace(text));
  if (match === null) return undefined;
  let number = 0;
  for (const digit of match[2] ?? "") {
    if (digit === "_") continue;
    const value = digit <= "9" ? Number(digit) : digitValue(digit);
    if (value >= base) return undefined;
    number = number * base + value;
    if (number > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return match[1] === "-" ? -number : number;
}
