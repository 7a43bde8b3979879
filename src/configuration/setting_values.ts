/**
 * How the values of settings are read.
 *
 * @module
 */
import { parsePythonInteger } from "../formats/python_text.ts";
import type { LogLevel } from "../log/logger.ts";

/** Reads an integer as Python does, within bounds. */
export function parseInteger(text: string, min: number, max: number): number | undefined {
  const value = parsePythonInteger(text);
  return value !== undefined && value >= min && value <= max ? value : undefined;
}

/** Reads one of several words, in any case. */
export function parseWord<T extends string>(text: string, words: readonly T[]): T | undefined {
  return words.find((word) => word === text.toLowerCase());
}

/** An amount of memory: bytes, a part of the container's limit, or none. */
export type MemoryAmount =
  | { readonly kind: "none" }
  | { readonly kind: "bytes"; readonly bytes: number }
  | { readonly kind: "percent"; readonly percent: number };

/** Powers of 2 as Kubernetes and Docker write them, and of 10 as the former does. */
const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  ...{ b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 },
  ...{ ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30, ti: 2 ** 40 },
  ...{ kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 },
  ...{ kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 },
};

/** Reads an amount of memory: `40GiB`, `512m`, `85%`; nothing, `none` and `0` are none. */
export function parseMemory(text: string): MemoryAmount | undefined {
  if (/^(?:|none|0)$/i.test(text)) return { kind: "none" };
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*(%|[a-z]*)$/i.exec(text) ?? [];
  const amount = Number(number);
  if (number === "" || amount <= 0) return undefined;
  if (unit === "%") return amount <= 100 ? { kind: "percent", percent: amount } : undefined;
  const factor = UNITS[unit.toLowerCase()];
  return factor === undefined ? undefined : { kind: "bytes", bytes: Math.round(amount * factor) };
}

const LOG_LEVELS: Readonly<Record<string, LogLevel>> = {
  debug: "debug",
  info: "info",
  warn: "warn",
  warning: "warn",
  error: "error",
  critical: "critical",
  fatal: "critical",
  notset: "debug",
};

/** Reads a level by its name or Python's number: each level is said where its own is at least the one that is set. */
export function parseLogLevel(text: string): LogLevel | undefined {
  const number = parsePythonInteger(text);
  if (number === undefined) return LOG_LEVELS[text.toLowerCase()];
  if (number <= 10) return "debug";
  if (number <= 20) return "info";
  if (number <= 30) return "warn";
  return number <= 40 ? "error" : "critical";
}
