/**
 * The log of a launch that was given none, or one that fails: one line an event on stderr, by `LOG_LEVEL`
 * and `LOG_FORMAT`.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { errorText } from "../log/error_text.ts";
import { callSafely } from "./call_safely.ts";
import { createLogger, type LogEvent, type Logger, type LogLevel } from "../log/logger.ts";
import { parseSettings } from "../configuration/parse_settings.ts";

/**
 * Makes the log that {@linkcode launch} has by default. Each line is written at once. It does whatever
 * else is wrong with the environment, so that errors are events like any other.
 *
 * @param env The environment, for `LOG_LEVEL` and `LOG_FORMAT`.
 * @returns The log.
 */
export function createLog(env: Environment): Logger {
  const { settings: { logLevel: level, logFormat: format } } = parseSettings(env);
  return createLogger({ level, format, write: writeLine, now: () => new Date() });
}

/**
 * Makes a log that never throws, nor rejects, out of one that may: supervision goes on. That it failed is
 * said once, and on stderr, as is what it did not take.
 *
 * @param given The caller's.
 * @param env The environment, for {@linkcode createLog}.
 * @returns The log.
 */
export function shieldLog(given: Logger, env: Environment): Logger {
  let own: Logger | undefined;
  const openOwn = (error: unknown) => {
    const log = createLog(env);
    log.error(`the given log failed: ${errorText(error)}`);
    return log;
  };
  const shield = (level: LogLevel): LogEvent => (text, fields) =>
    callSafely(() => given[level](text, fields), (error) => {
      own ??= openOwn(error);
      own[level](text, fields);
    });
  return {
    debug: shield("debug"),
    info: shield("info"),
    warn: shield("warn"),
    error: shield("error"),
    critical: shield("critical"),
  };
}

function writeLine(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  try {
    for (let sent = 0; sent < bytes.length;) sent += Deno.stderr.writeSync(bytes.subarray(sent));
  } catch { /* Nobody reads it any more. */ }
}
