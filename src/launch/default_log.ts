/**
 * The log of a launch that was given none: one line an event on stderr, by `LOG_LEVEL` and `LOG_FORMAT`.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { createLogger, type Logger } from "../log/logger.ts";
import { parseSettings } from "../settings/parse_settings.ts";

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

function writeLine(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  try {
    for (let sent = 0; sent < bytes.length;) sent += Deno.stderr.writeSync(bytes.subarray(sent));
  } catch { /* Nobody reads it any more. */ }
}
