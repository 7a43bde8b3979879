/**
 * Patterns of file names as Python's `glob` reads them, which supervisord's `[include]` uses.
 *
 * @see https://docs.python.org/3/library/fnmatch.html
 * @module
 */

import { isPythonSpace } from "./python_text.ts";

/** Tells whether a pattern may match more than the name that it spells. */
export function hasMagic(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/**
 * Writes a path as a pattern that matches it alone, also where patterns are cut at white space.
 *
 * @example
 * ```ts
 * escapeGlob("/tmp/a [b]/c"); // /tmp/a[!!-~][[]b]/c
 * ```
 */
export function escapeGlob(path: string): string {
  return escapeSpace(path.replace(/[*?[]/g, "[$&]"));
}

/** Writes white space so that a list of patterns is not cut there. */
export function escapeSpace(pattern: string): string {
  return [...pattern].map((character) => isPythonSpace(character) ? "[!!-~]" : character).join("");
}

function quote(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** What stands between the brackets; ranges that hold nothing are dropped, as Python drops them. */
function compileSet(body: string): string {
  const isNegated = body.startsWith("!");
  const characters = [...(isNegated ? body.slice(1) : body)];
  let set = "";
  for (let at = 0; at < characters.length;) {
    const [from = "", dash, to] = characters.slice(at, at + 3);
    if (dash === "-" && to !== undefined) {
      if ((from.codePointAt(0) ?? 0) <= (to.codePointAt(0) ?? 0)) {
        set += `${quote(from)}-${quote(to)}`;
      }
      at += 3;
    } else {
      set += quote(from);
      at++;
    }
  }
  return `[${isNegated ? "^" : ""}${set}]`;
}

/** Compiles a pattern for one name, without slashes. */
export function compileGlob(pattern: string): RegExp {
  let source = "";
  for (let at = 0; at < pattern.length;) {
    const character = String.fromCodePoint(pattern.codePointAt(at) ?? 0);
    at += character.length;
    if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else if (character === "[") {
      // A bracket that closes at once stands for itself.
      const first = pattern[at] === "!" ? at + 1 : at;
      const end = pattern.indexOf("]", pattern[first] === "]" ? first + 1 : first);
      if (end < 0) source += quote(character);
      else {
        source += compileSet(pattern.slice(at, end));
        at = end + 1;
      }
    } else source += quote(character);
  }
  return new RegExp(`^${source}$`, "su");
}
