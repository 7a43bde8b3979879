/**
 * Splits a command line into words as a POSIX shell would, without a shell: nothing is expanded.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02
 * @module
 */

/**
 * Splits text into words.
 *
 * @example
 * ```ts
 * splitShellWords(`curl -H "a: b" 'x y'`); // ["curl", "-H", "a: b", "x y"]
 * ```
 */
export function splitShellWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (/[ \t\n\r]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "'") {
      const end = text.indexOf("'", at + 1);
      if (end < 0) return undefined;
      word = (word ?? "") + text.slice(at + 1, end);
      at = end;
    } else if (char === '"') {
      const quoted = readDoubleQuoted(text, at + 1);
      if (quoted === undefined) return undefined;
      word = (word ?? "") + quoted.text;
      at = quoted.end;
    } else if (char === "\\") {
      if (at + 1 >= text.length) return undefined;
      word = (word ?? "") + text[++at];
    } else {
      word = (word ?? "") + char;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** Inside double quotes a backslash quotes only what is special there. */
function readDoubleQuoted(text: string, from: number): { text: string; end: number } | undefined {
  let quoted = "";
  for (let at = from; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === '"') return { text: quoted, end: at };
    const next = text[at + 1] ?? "";
    if (char === "\\" && ['"', "\\", "$", "`"].includes(next)) {
      quoted += next;
      at++;
    } else {
      quoted += char;
    }
  }
  return undefined;
}
