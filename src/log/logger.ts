/**
 * What standard-supervisor says: one line an event, as text or as a JSON object.
 *
 * @module
 */

/** How much standard-supervisor and supervisord say, from most to least. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "critical";

/** One line of text an event, or one JSON object. */
export type LogFormat = "text" | "json";

/** Facts that go with an event, e.g. `{ pid: 42 }`. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

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
    return JSON.stringify({
      time: time.toISOString(),
      level,
      source: "standard-supervisor",
      message: text,
      ...fields,
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
