/**
 * What standard-supervisor says: one line an event, as text or as a JSON object.
 *
 * @module
 */

import type { LogEventName } from "./log_events.ts";

/** How much standard-supervisor and supervisord say, from most to least. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "critical";

/** One line of text an event, or one JSON object. */
export type LogFormat = "text" | "json";

/**
 * Facts that go with an event. Times are in milliseconds (`…_ms`), processes `group:process`; what is not
 * known is left out.
 */
export interface LogFields {
  /** Which event it is; `note` where absent. */
  readonly event?: LogEventName;
  /** supervisord's name for the process. */
  readonly program?: string;
  /** Its pid. */
  readonly pid?: number | undefined;
  /** Which run of the process, counted from 1. */
  readonly run?: number;
  /** Which attempt of those that a limit counts. */
  readonly attempt?: number | undefined;
  /** As a shell would give it: 128 + n after signal n. */
  readonly exit_code?: number | undefined;
  /** The signal that ended it. */
  readonly signal?: string | undefined;
  /** Why it died, where that is known. */
  readonly cause?: string | undefined;
  /** Why, where that is not in the cause. */
  readonly reason?: string | undefined;
  /** How long it took, or lasted. */
  readonly duration_ms?: number;
  /** What happens next: `recovery`, `retry` or `none`. */
  readonly next?: string;
  /** How long it may take. */
  readonly limit_ms?: number | undefined;
  /** In how long. */
  readonly delay_ms?: number | undefined;
  /** How many processes were left behind. */
  readonly orphans?: number;
  /** How many files. */
  readonly files?: number;
  /** Of how many bytes in all. */
  readonly bytes?: number;
  /** The file that it is about. */
  readonly path?: string;
}

/** Says events of one level. */
export type LogEvent = (text: string, fields?: LogFields) => void;

/** One method a level. */
export type Logger = Readonly<Record<LogLevel, LogEvent>>;

/** Where lines go and which are said. */
export interface LoggerOptions {
  /** The least level said. */
  readonly level: LogLevel;
  /** Text or JSON. */
  readonly format: LogFormat;
  /** Takes one line, without its line feed. */
  readonly write: (line: string) => void;
  /** The time of day. */
  readonly now: () => Date;
}

const RANKS: Readonly<Record<LogLevel, number>> = {
  debug: 0,
  info: 1,
  warn: 2,
  error: 3,
  critical: 4,
};

/**
 * Renders one event as one line.
 *
 * @param format Text or JSON.
 * @param level Its level.
 * @param text What happened; line feeds and other control characters are escaped.
 * @param fields Facts that go with it; in text they are not shown, since the text says them.
 * @param time When.
 * @returns The line, without its line feed.
 */
export function renderEvent(
  format: LogFormat,
  level: LogLevel,
  text: string,
  fields: LogFields,
  time: Date,
): string {
  if (format === "json") {
    const { event = "note", ...facts } = fields;
    return JSON.stringify({
      ts: time.toISOString(),
      level,
      event,
      source: "standard-supervisor",
      message: text,
      ...facts,
    });
  }
  // deno-lint-ignore no-control-regex -- control characters are what must not reach a terminal
  const safe = text.replace(/[\x00-\x1f\x7f-\x9f]/g, (char) => JSON.stringify(char).slice(1, -1));
  return `${time.toISOString()} ${level.toUpperCase()} standard-supervisor: ${safe}`;
}

/**
 * Makes a logger.
 *
 * @param options Where lines go and which are said.
 * @returns One method a level.
 */
export function createLogger(options: LoggerOptions): Logger {
  const say = (level: LogLevel): LogEvent =>
    RANKS[level] < RANKS[options.level] ? () => {} : (text, fields = {}) => {
      options.write(renderEvent(options.format, level, text, fields, options.now()));
    };
  return {
    debug: say("debug"),
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
    critical: say("critical"),
  };
}
