/**
 * `standard-supervisor` from the command line to the exit code.
 *
 * @module
 */
import { lookUpCommand } from "./command_lookup.ts";
import { parseCommandLine } from "./command_line.ts";
import { type Configuration, parseConfiguration } from "./configuration.ts";
import { ConfigurationError, renderIssue } from "./configuration_error.ts";
import { installDependencies } from "./dependencies.ts";
import { replaceProcess, runChild } from "./direct.ts";
import { generateConfig } from "./generate.ts";
import { renderHelp } from "./help.ts";
import { createHostFacts } from "./host_facts.ts";
import { openLibc } from "./libc.ts";
import { createLogger, type Logger } from "./logger.ts";
import { type Outcome, reportExit } from "./outcome.ts";
import { findHopelessPrograms, preflight } from "./preflight.ts";
import { readRawArguments } from "./raw_arguments.ts";
import { parseSettings } from "./parse_settings.ts";
import type { SignalSource } from "./signals.ts";
import { LineWriter } from "./line_writer.ts";
import { supervise } from "./supervise.ts";
import { VERSION } from "./version.ts";

type Env = Readonly<Record<string, string>>;

/** What the process finds itself in. */
export interface Surroundings {
  /** The environment. */
  readonly env: Env;
  /** Where signals arrive. */
  readonly signals: SignalSource;
}

function check(argv: readonly string[], env: Env, log: Logger): number {
  const { text, environment, configuration } = generateConfig(env, argv);
  for (const warning of configuration.warnings) log.warn(warning);
  for (const line of configuration.debug) log.debug(line);
  for (const name of environment.keys()) {
    log.warn(`plain supervisord needs the variable ${name}, which a managed run sets by itself`);
  }
  writeAll(text);
  return 0;
}

function writeAll(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) sent += Deno.stdout.writeSync(bytes.subarray(sent));
}

/** Installs what the model asks for; how the whole ended where that was the end of it. */
async function install(
  configuration: Configuration,
  argv: readonly string[],
  env: Env,
  log: Logger,
  listen: () => SignalSource,
): Promise<Outcome | undefined> {
  const output = Deno.stderr; // stdout is the engine's.
  const result = await installDependencies({ configuration, argv, env, listen, log, output });
  if (result.kind === "stopped") return result;
  if (result.kind !== "failed") return undefined;
  return { kind: "not_installed", reason: result.reason };
}

async function run(
  argv: readonly string[],
  { env, signals }: Surroundings,
  log: Logger,
  flush: () => Promise<void>,
): Promise<Outcome> {
  const configuration = parseConfiguration(env, { host: createHostFacts(env.HOME ?? "/") });
  for (const warning of configuration.warnings) log.warn(warning);
  for (const line of configuration.debug) log.debug(line);
  const hopeless = configuration.settings.autoRecovery
    ? findHopelessPrograms(configuration, env)
    : [];
  if (hopeless.length > 0) throw new ConfigurationError(hopeless);
  const ended = await install(configuration, argv, env, log, () => signals);
  if (ended !== undefined) return ended;
  if (!configuration.settings.autoRecovery) {
    const lookup = lookUpCommand(argv[0] ?? "", env.PATH);
    if (lookup.kind !== "found") return { kind: `command_${lookup.kind}`, reason: lookup.reason };
    await flush();
    const [signal] = signals.stopSignals;
    if (signal !== undefined) return { kind: "stopped", by: signal };
    const libc = openLibc();
    if (libc !== undefined) {
      replaceProcess(libc, argv);
      return { kind: "command_not_executable", reason: `Cannot execute ${lookup.path}` };
    }
    return { kind: "engine_ended", exit: await runChild(argv, env) };
  }
  const problem = preflight(configuration, argv, env);
  if (problem !== undefined) return problem;
  return await supervise({ configuration, argv, env, signals, log });
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
  const { settings } = parseSettings(surroundings.env);
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
        writeAll(`standard-supervisor ${VERSION}\n`);
        return 0;
      case "misuse":
        log.critical(invocation.text);
        return invocation.code;
      case "check":
        return check(invocation.argv, surroundings.env, log);
      case "run": {
        const outcome = await run(invocation.argv, surroundings, log, () => writer.close());
        const { code, text } = reportExit(outcome, settings.giveUpExitCode);
        log[code === 0 ? "info" : "error"](`${text}; exit code ${code}`, { exitCode: code });
        return code;
      }
    }
  } catch (error) {
    if (error instanceof ConfigurationError) {
      for (const issue of error.issues) log.critical(renderIssue(issue));
    } else {
      log.critical(`Cannot go on: ${error instanceof Error ? error.message : error}`);
      if (error instanceof Error && error.stack !== undefined) log.debug(error.stack);
    }
    return 1;
  } finally {
    await writer.close();
  }
}
