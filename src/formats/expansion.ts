/**
 * Python's `%` formatting as far as supervisord's values use it: `%(ENV_HOME)s`,
 * `%(process_num)02d`, `%%`, `%(here).0s`.
 *
 * @see https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting
 * @module
 */

/** Where names are looked up; every `Map` will do. */
export type ExpansionNames = Pick<ReadonlyMap<string, string | number>, "get">;

/** An expanded text, or why supervisord could not expand it. */
export type Expansion =
  | { readonly text: string }
  | { readonly failure: string; readonly unknownName?: string };

/** A piece of a text: one `%…` format, or what stands between two of them. */
export interface FormatPiece {
  readonly kind: "literal" | "percent" | "format" | "broken";
  /** The piece as it is written. */
  readonly source: string;
}

interface Format extends FormatPiece {
  readonly name: string | undefined;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly conversion: string;
}

/** Past this, padding is a mistake, and would fill the memory. */
const WIDEST = 1000;

const CONVERSION = /([#0\- +]*)(\d*)(?:\.(\d*))?[hlL]?([a-zA-Z%])/y;

/** Reads the format that starts with the `%` at `start`. */
function readFormat(text: string, start: number): Format | undefined {
  let at = start + 1;
  let name: string | undefined;
  if (text[at] === "(") {
    let depth = 1;
    const nameStart = ++at;
    for (; at < text.length && depth > 0; at++) {
      if (text[at] === "(") depth++;
      else if (text[at] === ")") depth--;
    }
    if (depth > 0) return undefined;
    name = text.slice(nameStart, at - 1);
  }
  CONVERSION.lastIndex = at;
  const match = CONVERSION.exec(text);
  if (match === null) return undefined;
  const [, flags = "", width = "", precision, conversion = ""] = match;
  return {
    kind: conversion === "%" && name === undefined ? "percent" : "format",
    source: text.slice(start, CONVERSION.lastIndex),
    name,
    flags,
    width: Number(width),
    precision: precision === undefined ? undefined : Number(precision),
    conversion,
  };
}

/** Cuts a text into its formats and what stands between them. */
export function splitFormats(text: string): FormatPiece[] {
  const pieces: FormatPiece[] = [];
  let at = 0;
  while (at < text.length) {
    const percent = text.indexOf("%", at);
    if (percent !== at) {
      const source = text.slice(at, percent < 0 ? text.length : percent);
      pieces.push({ kind: "literal", source });
      at += source.length;
      continue;
    }
    const piece = readFormat(text, at) ?? { kind: "broken" as const, source: text.slice(at) };
    pieces.push(piece);
    at += piece.source.length;
  }
  return pieces;
}

function pad(text: string, format: Format): string {
  const missing = format.width - [...text].length;
  if (missing <= 0) return text;
  return format.flags.includes("-") ? text + " ".repeat(missing) : " ".repeat(missing) + text;
}

function renderText(value: string, format: Format): string {
  return pad(
    format.precision === undefined ? value : [...value].slice(0, format.precision).join(""),
    format,
  );
}

const BASES: Readonly<Record<string, number>> = { d: 10, i: 10, u: 10, x: 16, X: 16, o: 8 };

function renderInteger(value: number, base: number, format: Format): string {
  const { flags, conversion } = format;
  let digits = Math.abs(value).toString(base).padStart(format.precision ?? 0, "0");
  if (conversion === "X") digits = digits.toUpperCase();
  const sign = value < 0 ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const prefix = base === 10 || !flags.includes("#") ? "" : `0${conversion}`;
  if (flags.includes("0") && !flags.includes("-")) {
    digits = digits.padStart(format.width - sign.length - prefix.length, "0");
  }
  return pad(sign + prefix + digits, format);
}

function expandFormat(format: Format, names: ExpansionNames): Expansion {
  const { name, conversion, source } = format;
  if (name === undefined) {
    return { failure: `${source} has no name; a literal percent sign is written %%` };
  }
  const value = names.get(name);
  if (value === undefined) {
    return { failure: `%(${name}) names nothing that is known here`, unknownName: name };
  }
  if (format.width > WIDEST || (format.precision ?? 0) > WIDEST) {
    return { failure: `${source} asks for more than ${WIDEST} characters` };
  }
  if (conversion === "%") return { text: "%" };
  if (conversion === "s") return { text: renderText(String(value), format) };
  const base = BASES[conversion];
  if (base === undefined) return { failure: `${source} is no format that is understood; use s` };
  if (typeof value === "string") {
    return { failure: `${source} wants a number, and ${name} is text; use %(${name})s` };
  }
  return { text: renderInteger(value, base, format) };
}

/**
 * Expands a value as supervisord does, once.
 *
 * Refuses `%s` and the like without a name, which supervisord accepts: they expand to its whole
 * environment. Understands the conversions `s`, `d`, `i`, `u`, `x`, `X` and `o`.
 *
 * @example
 * ```ts
 * expandValue("%(program_name)s_%(process_num)02d", new Map([["program_name", "a"], ["process_num", 7]]));
 * // { text: "a_07" }
 * ```
 */
export function expandValue(text: string, names: ExpansionNames): Expansion {
  if (!text.includes("%")) return { text };
  let expanded = "";
  for (const piece of splitFormats(text)) {
    if (piece.kind === "literal") {
      expanded += piece.source;
    } else if (piece.kind === "percent") {
      expanded += "%";
    } else if (piece.kind === "broken") {
      return { failure: "a percent sign starts no format; a literal one is written %%" };
    } else {
      const expansion = expandFormat(piece as Format, names);
      if ("failure" in expansion) return expansion;
      expanded += expansion.text;
    }
  }
  return { text: expanded };
}

/** Makes text survive one expansion as it is. */
export function escapePercent(text: string): string {
  return text.replaceAll("%", "%%");
}
