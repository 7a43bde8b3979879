/**
 * `standard-supervisor` from the command line to the exit code.
 *
 * @module
 */
import { type Invocation, parseCommandLine } from "./command_line.ts";
import { ConfigurationError, renderIssue } from "../formats/configuration_error.ts";
import { withExitCode } from "../formats/exit.ts";
import { LineWriter } from "../output/line_writer.ts";
import type { LogEventName } from "../log/log_events.ts";
import { createLogger, type Logger } from "../log/logger.ts";
import type { TerminationFacts } from "../events/termination_message.ts";
import { parseSettings } from "../configuration/parse_settings.ts";
import type { Settings } from "../configuration/settings.ts";
import { checkLostVariables, readRawArguments } from "./raw_input.ts";
import { PermissionsMissing } from "../host/permissions.ts";
import { OWN_STDERR } from "../output/own_output.ts";
import type { SignalSource } from "../linux/signals.ts";
import { writeAll } from "./write_all.ts";
import { VERSION } from "../configuration/version.ts";
import { errorText } from "../log/error_text.ts";

type Env = Readonly<Record<string, string>>;

/** What the process finds itself in. */
export interface Surroundings {
  /** The environment; `undefined` where it may not be read. */
  readonly env: Env | undefined;
  /** Where signals arrive. */
  readonly signals: SignalSource;
}

/** Does what the command line asks for. */
export async function main(
  denoArgs: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const { signals, env = {} } = surroundings;
  const { settings } = parseSettings(env);
  const writer = new LineWriter(OWN_STDERR);
  const log = createLogger({
    level: settings.logLevel,
    format: settings.logFormat,
    write: (line) => writer.write(line),
    now: () => new Date(),
  });
  let asked: Invocation["kind"] = "run";
  try {
    const invocation = parseCommandLine(readRawArguments(denoArgs));
    asked = invocation.kind;
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
        const run = launch({
          argv: invocation.argv,
          signals,
          log,
          adoptOrphans: true,
          replace: true,
          flush: () => writer.close(),
        });
        const { code, text } = await run.exit;
        const reason = withExitCode(text, code);
        log[code === 0 ? "info" : "error"](reason, { event: "exit", exit_code: code });
        if (code !== 0 && (await run.outcome).kind !== "stopped") {
          await tellTermination(settings, {
            ...{ reason, runs: run.status.runs, lines: run.lastLines() },
          }, log);
        }
        return code;
      }
    }
  } catch (error) {
    const texts = describeError(error);
    for (const text of texts) log.critical(text, { event: nameError(error) });
    const isExpected = error instanceof ConfigurationError || error instanceof PermissionsMissing;
    if (!isExpected && error instanceof Error) log.debug(error.stack ?? "");
    if (asked === "run") {
      await tellTermination(settings, { reason: texts.join("\n"), runs: [], lines: [] }, log);
    }
    return 1;
  } finally {
    await writer.close();
  }
}

/** What is wrong, a line each. */
function describeError(error: unknown): string[] {
  if (error instanceof ConfigurationError) {
    return error.issues.map((issue) => `Configuration error: ${renderIssue(issue)}`);
  }
  if (error instanceof PermissionsMissing) return [error.message];
  return [`Cannot go on: ${errorText(error)}`];
}

function nameError(error: unknown): LogEventName {
  if (error instanceof ConfigurationError) return "configuration_error";
  return error instanceof PermissionsMissing ? "permission_missing" : "note";
}

/** Tells an orchestrator why it ended though nobody asked for it. */
async function tellTermination(
  { terminationLog }: Settings,
  facts: TerminationFacts,
  log: Logger,
): Promise<void> {
  const { writeTerminationMessage } = await import("./termination_log.ts");
  writeTerminationMessage(terminationLog, facts, log);
}
