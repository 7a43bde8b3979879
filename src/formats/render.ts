/**
 * From a document, sections of values, to the text of supervisord's configuration file.
 *
 * The file is read by Python's configparser with comments after white space switched on, which
 * loses white space at edges and everything from a `;` or `#` on; then each value is expanded
 * where its option is read. `%(here).0s` expands to nothing, so it can stand guard.
 *
 * @module
 */
import { stringify } from "@std/ini";
import { ConfigurationError, type ConfigurationIssue } from "./configuration_error.ts";
import { type FormatPiece, splitFormats } from "./expansion.ts";
import { isPythonSpace } from "./python_text.ts";
import { findOption, knowsHere } from "./supervisord_options.ts";

/** The values of one section by key, each the text that supervisord's `%` expansion receives. */
export type ConfigSection = ReadonlyMap<string, string>;

/** Sections by header, without the brackets: `program:web`. */
export type ConfigDocument = ReadonlyMap<string, ConfigSection>;

/** Where a value came from: by section and key as {@linkcode originKey} joins them. */
export type Origins = ReadonlyMap<string, string>;

/** What expands to nothing. */
const GUARD = "%(here).0s";

const SECTION = /^[a-z_-]+(?::[^\s\p{C}[\]:/%;#=]+)?$/u;
const KEY = /^[a-z0-9_][a-z0-9_.-]*$/;
const LAST_RESORT = "put it into a variable of its own, X, and write %(ENV_X)s here";

/** Names a value of a document. */
export function originKey(section: string, key: string): string {
  return `[${section}] ${key}`;
}

/** The text as it must stand in the file, or why it cannot. */
type Encoded = { readonly text: string } | { readonly reason: string };

/** Tells whether the file would lose something between these two characters of a value. */
function needsGuard(before: string, character: string): boolean {
  const startsLine = before === "" || before === "\n";
  if (character === "\n") return !startsLine && isPythonSpace(before);
  if (character === ";" || character === "#") return isPythonSpace(before);
  return startsLine && isPythonSpace(character);
}

/** Writes one piece; `last` is the character before it, empty at the value's start. */
function encodePiece(piece: FormatPiece, last: string): string {
  let encoded = "";
  let before = last;
  for (const character of piece.source) {
    if (needsGuard(before, character)) encoded += GUARD;
    encoded += character;
    before = character;
  }
  return encoded;
}

function encodeGuarded(value: string): Encoded {
  let text = "";
  let last = "";
  for (const piece of splitFormats(value)) {
    if (piece.kind === "literal") {
      // An [include] makes supervisord replace a literal %(here)s before it looks at %%.
      if (last === "%" && piece.source.startsWith("(here)s")) text += GUARD;
      text += encodePiece(piece, last);
    } else if (/\s|[;#]/u.test(piece.source)) {
      return { reason: "a % format without white space, ; and #" };
    } else {
      text += piece.source;
    }
    last = piece.source.at(-1) ?? last;
  }
  if (isPythonSpace(last)) text += GUARD;
  return { text };
}

/** Encodes a value of an option where nothing can stand guard. */
function encodePlain(value: string): Encoded {
  const guarded = encodeGuarded(value);
  if ("reason" in guarded || guarded.text === value) return guarded;
  return { reason: "text without white space at its edges, ; or # after white space" };
}

function encodeValue(section: string, key: string, value: string): Encoded {
  if (value.includes("\r")) return { reason: "text without carriage returns" };
  if (value.includes("\0")) return { reason: "text without NUL" };
  if (!value.isWellFormed()) return { reason: "Unicode text" };
  const spec = findOption(section, key);
  const encoded = spec !== undefined && knowsHere(spec) ? encodeGuarded(value) : encodePlain(value);
  // An indented line continues a value, whatever stands in it.
  return "text" in encoded ? { text: encoded.text.replaceAll("\n", "\n ") } : encoded;
}

interface Rendered {
  readonly sections: Record<string, Record<string, string>>;
  readonly issues: ConfigurationIssue[];
}

function encodeDocument(document: ConfigDocument, origins: Origins): Rendered {
  const sections: [string, Record<string, string>][] = [];
  const issues: ConfigurationIssue[] = [];
  for (const [section, values] of document) {
    if (!SECTION.test(section)) {
      issues.push({
        variable: "a section's name",
        value: section,
        expected: "[kind] or [kind:name]",
      });
      continue;
    }
    const lines: [string, string][] = [];
    for (const [key, value] of values) {
      const variable = origins.get(originKey(section, key)) ?? originKey(section, key);
      if (!KEY.test(key)) {
        issues.push({ variable: `an option of [${section}]`, value: key, expected: "a name" });
        continue;
      }
      const encoded = encodeValue(section, key, value);
      if ("text" in encoded) lines.push([key, encoded.text]);
      else issues.push({ variable, value, expected: encoded.reason, hint: LAST_RESORT });
    }
    sections.push([section, Object.fromEntries(lines)]);
  }
  return { sections: Object.fromEntries(sections), issues };
}

/** Finds what supervisord's configuration file cannot hold. */
export function findUnrenderable(
  document: ConfigDocument,
  origins: Origins = new Map(),
): ConfigurationIssue[] {
  return encodeDocument(document, origins).issues;
}

/**
 * Writes a document as the text of supervisord's configuration file, so that supervisord's parser
 * and `%` expansion give back exactly its values. No value can start a key or a section.
 *
 * @throws {ConfigurationError} If {@linkcode findUnrenderable} finds anything.
 *
 * @example
 * ```ts
 * renderDocument(new Map([["program:a", new Map([["command", "echo ;"]])]]));
 * // [program:a]
 * // command=echo %(here).0s;
 * ```
 */
export function renderDocument(document: ConfigDocument): string {
  const { sections, issues } = encodeDocument(document, new Map());
  if (issues.length > 0) throw new ConfigurationError(issues);
  return `${stringify(sections)}\n`;
}
