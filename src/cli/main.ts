/**
 * `standard-supervisor` from the command line to the exit code.
 *
 * @module
 */
import { type Invocation, parseCommandLine } from "./command_line.ts";
import { explain } from "./explain.ts";
import { describeEngine } from "../engines/address.ts";
import { recogniseEngine } from "../engines/recognise.ts";
import { ConfigurationError, renderIssue } from "../formats/configuration_error.ts";
import { generateConfig } from "../document/generate.ts";
import { renderHelp } from "./help.ts";
import { checkConfiguration, launch } from "../launch/launch.ts";
import { LineWriter } from "../log/line_writer.ts";
import { createLogger, type Logger } from "../log/logger.ts";
import { parseSettings } from "../settings/parse_settings.ts";
import { checkLostVariables, readRawArguments } from "./raw_input.ts";
import { refuseWithoutEnvironment } from "../launch/permission_check.ts";
import { PermissionsMissing } from "../host/permissions.ts";
import type { SignalSource } from "../host/signals.ts";
import { VERSION } from "./version.ts";
import { errorText } from "../log/error_text.ts";

type Env = Readonly<Record<string, string>>;

/** What the process finds itself in. */
export interface Surroundings {
  /** The environment; `undefined` where it may not be read. */
  readonly env: Env | undefined;
  /** Where signals arrive. */
  readonly signals: SignalSource;
}

type Check = Extract<Invocation, { readonly kind: "check" }>;

function check({ argv, showsSecrets }: Check, env: Env, log: Logger): number {
  const { settings } = checkConfiguration(env);
  const { text, maskedText, environment, warnings, debug } = generateConfig(env, argv);
  log.info(describeEngine(recogniseEngine(argv, settings.engine), env));
  for (const warning of warnings) log.warn(warning);
  for (const line of debug) log.debug(line);
  for (const name of environment.keys()) {
    log.warn(`plain supervisord needs the variable ${name}, which a managed run sets by itself`);
  }
  writeAll(showsSecrets ? text : maskedText);
  return 0;
}

function writeAll(text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let sent = 0; sent < bytes.length;) sent += Deno.stdout.writeSync(bytes.subarray(sent));
  } catch (error) {
    // `--help | head` has read what it wanted.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
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
      case "help":
        writeAll(renderHelp());
        return 0;
      case "version":
        writeAll(`standard-supervisor ${VERSION} (Deno ${Deno.version.deno})\n`);
        return 0;
      case "explain": {
        const explanation = await explain(invocation);
        if (typeof explanation === "string") writeAll(explanation);
        else log.critical(explanation.text);
        return typeof explanation === "string" ? 0 : explanation.code;
      }
      case "misuse":
        log.critical(invocation.text);
        return invocation.code;
      case "check":
        if (surroundings.env === undefined) refuseWithoutEnvironment();
        checkLostVariables(env);
        return check(invocation, env, log);
      case "run": {
        if (surroundings.env === undefined) refuseWithoutEnvironment(invocation.argv, log);
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
        log[code === 0 ? "info" : "error"](`${text}; exit code ${code}`, { exitCode: code });
        return code;
      }
    }
  } catch (error) {
    if (error instanceof ConfigurationError) {
      for (const issue of error.issues) {
        log.critical(`Configuration error: ${renderIssue(issue)}`);
      }
    } else if (error instanceof PermissionsMissing) {
      log.critical(error.message);
    } else {
      log.critical(`Cannot go on: ${errorText(error)}`);
      if (error instanceof Error && error.stack !== undefined) log.debug(error.stack);
    }
    return 1;
  } finally {
    await writer.close();
  }
}
