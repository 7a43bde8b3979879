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
