/**
 * `standard-supervisor` from the command line to the exit code.
 *
 * @module
 */
import { parseCommandLine } from "./command_line.ts";
import { ConfigurationError, renderIssue } from "../formats/configuration_error.ts";
import { LineWriter } from "../log/line_writer.ts";
import { createLogger } from "../log/logger.ts";
import { parseSettings } from "../settings/parse_settings.ts";
import { checkLostVariables, readRawArguments } from "./raw_input.ts";
import { PermissionsMissing } from "../host/permissions.ts";
import type { SignalSource } from "../host/signals.ts";
import { writeAll } from "./write_all.ts";
import { VERSION } from "../settings/version.ts";
import { errorText } from "../log/error_text.ts";

type Env = Readonly<Record<string, string>>;

/** What the process finds itself in. */
export interface Surroundings {
  /** The environment; `undefined` where it may not be read. */
  readonly env: Env | undefined;
  /** Where signals arrive. */
  readonly signals: SignalSource;
}

/**
 * Does what the command line asks for.
 *
 * @param denoArgs The arguments, as in `Deno.args`.
 * @param surroundings The environment, and where signals arrive.
 * @returns The exit code.
 */
export async function main(
  denoArgs: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const { signals, env = {} } = surroundings;
  const { settings } = parseSettings(env);
  const writer = new LineWriter(Deno.stderr);
  const log = createLogger({
    level: settings.logLevel,
    format: settings.logFormat,
    write: (line) => writer.write(line),
    now: () => new Date(),
  });
  try {
    const invocation = parseCommandLine(readRawArguments(denoArgs));
    switch (invocation.kind) {
      // What is asked for is loaded then, and nothing else.
      case "help": {
        const { renderHelp } = await import("./help.ts");
        writeAll(renderHelp());
        return 0;
      }
      case "version":
        writeAll(`standard-supervisor ${VERSION} (Deno ${Deno.version.deno})\n`);
        return 0;
      case "explain": {
        const { explain } = await import("./explain.ts");
        const explanation = await explain(invocation);
        if (typeof explanation === "string") writeAll(explanation);
        else log.critical(explanation.text);
        return typeof explanation === "string" ? 0 : explanation.code;
      }
      case "misuse":
        log.critical(invocation.text);
        return invocation.code;
      case "check": {
        const { check } = await import("./check.ts");
        checkLostVariables(env);
        return await check(invocation, surroundings.env, log);
      }
      case "run": {
        const { launch } = await import("../launch/launch.ts");
        checkLostVariables(env);
        const { exit } = launch({
          argv: invocation.argv,
          signals,
          log,
          adoptOrphans: true,
          replace: true,
          flush: () => writer.close(),
        });
        const { code, text } = await exit;
        log[code === 0 ? "info" : "error"](`${text}; exit code ${code}`, {
          event: "exit",
          exit_code: code,
        });
        return code;
      }
    }
  } catch (error) {
    if (error instanceof ConfigurationError) {
      for (const issue of error.issues) {
        log.critical(`Configuration error: ${renderIssue(issue)}`, {
          event: "configuration_error",
        });
      }
    } else if (error instanceof PermissionsMissing) {
      log.critical(error.message, { event: "permission_missing" });
    } else {
      log.critical(`Cannot go on: ${errorText(error)}`);
      if (error instanceof Error && error.stack !== undefined) log.debug(error.stack);
    }
    return 1;
  } finally {
    await writer.close();
  }
}
