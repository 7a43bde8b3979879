/**
 * The log of a launch that was given none: one line an event on stderr, by `LOG_LEVEL` and `LOG_FORMAT`.
 *
 * @module
 */
import { createLogger, type LogFormat, type Logger, type LogLevel } from "../log/logger.ts";

/**
 * Makes the log. Each line is written at once.
 *
 * @param level The least level said.
 * @param format Text or JSON.
 * @returns The log.
 */
export function createDefaultLog(level: LogLevel, format: LogFormat): Logger {
  return createLogger({ level, format, write: writeLine, now: () => new Date() });
}

function writeLine(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  try {
    for (let sent = 0; sent < bytes.length;) sent += Deno.stderr.writeSync(bytes.subarray(sent));
  } catch { /* Nobody reads it any more. */ }
}
