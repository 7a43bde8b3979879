/**
 * supervisord's configuration files, read as its parser reads them: Python's `RawConfigParser` with
 * comments after white space, and duplicates that merge.
 *
 * @see https://docs.python.org/3/library/configparser.html#supported-ini-file-structure
 * @module
 */
import { isPythonSpace, stripPythonSpace } from "./python_text.ts";

/** Values by section and key, before any `%` is expanded; or why supervisord refuses the file. */
export type ParsedIni =
  | { readonly sections: ReadonlyMap<string, ReadonlyMap<string, string>> }
  | { readonly failure: string };

/** The section whose values every other one inherits; it is among the sections under this name. */
export const DEFAULT_SECTION = "DEFAULT";

const PREFIXES = [";", "#"];

/**
 * Where a comment begins; `undefined` if there is none. Python up to 3.12 looks at the n-th occurrence of each
 * prefix in turn, and stops at the first n of which any follows white space: `a;a ; b # c` is cut before the
 * `#`. Python 3.13 cuts before the `;`; what a file means should not depend on that.
 */
function findComment(line: string): number | undefined {
  const first = stripPythonSpace(line)[0] ?? "";
  if (PREFIXES.includes(first)) return 0;
  let found = PREFIXES.map((prefix) => line.indexOf(prefix));
  while (found.some((at) => at >= 0)) {
    const starts = found.filter((at) => at === 0 || isPythonSpace(line.charAt(at - 1)) && at > 0);
    if (starts.length > 0) return Math.min(...starts);
    found = found.map((at, index) => at < 0 ? -1 : line.indexOf(PREFIXES[index]!, at + 1));
  }
  return undefined;
}

function findIndent(line: string): number {
  const at = [...line].findIndex((character) => !isPythonSpace(character));
  return Math.max(at, 0);
}

/**
 * Reads a file.
 *
 * @example
 * ```ts
 * parseIni("[program:web]\ncommand = gunicorn app:app ; a comment\n");
 * // sections: program:web has command "gunicorn app:app"
 * ```
 */
export function parseIni(text: string): ParsedIni {
  const sections = new Map<string, Map<string, string[]>>();
  let section: Map<string, string[]> | undefined;
  let value: string[] | undefined;
  let indent = 0;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const comment = findComment(line);
    const content = stripPythonSpace(line.slice(0, comment));
    if (content === "") {
      if (comment === undefined) value?.push("");
      continue;
    }
    const ownIndent = findIndent(line);
    if (value !== undefined && ownIndent > indent) {
      value.push(content);
      continue;
    }
    indent = ownIndent;
    const header = /^\[(.+)\]/.exec(content)?.[1];
    if (header !== undefined) {
      section = sections.get(header) ?? new Map();
      sections.set(header, section);
      value = undefined;
      continue;
    }
    if (section === undefined) return { failure: "a line stands before the first [section]" };
    const delimiter = content.search(/[=:]/);
    if (delimiter <= 0) return { failure: "a line is neither a [section] nor KEY=VALUE" };
    value = [stripPythonSpace(content.slice(delimiter + 1))];
    section.set(stripPythonSpace(content.slice(0, delimiter)).toLowerCase(), value);
  }
  return {
    sections: new Map(
      [...sections].map(([name, values]) => [
        name,
        new Map([...values].map(([key, lines]) => [key, stripEnd(lines.join("\n"))])),
      ]),
    ),
  };
}

function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isPythonSpace(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
