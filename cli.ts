#!/usr/bin/env -S deno run -A
/**
 * `standard-supervisor`: the one place that reads arguments and the environment, and exits.
 *
 * Permissions: all (`-A`). Deno guards `/proc`, where orphans and dead engines are seen, with
 * `--allow-all`; README.md tells what each permission is for.
 *
 * @module
 */
import { lookUpCommand } from "./src/command_lookup.ts";
import { parseCommandLine } from "./src/command_line.ts";
import { type Configuration, parseConfiguration } from "./src/configuration.ts";
import { ConfigurationError, renderIssue } from "./src/configuration_error.ts";
import { installDependencies } from "./src/dependencies.ts";
import { replaceProcess, runChild } from "./src/direct.ts";
import { generateConfig } from "./src/generate.ts";
import { renderHelp } from "./src/help.ts";
import { createHostFacts } from "./src/host_facts.ts";
import { openLibc } from "./src/libc.ts";
import { createLogger, type Logger } from "./src/logger.ts";
import { type Outcome, reportExit } from "./src/outcome.ts";
import { findHopelessPrograms, preflight } from "./src/preflight.ts";
import { readRawArguments } from "./src/raw_arguments.ts";
import { parseSettings } from "./src/settings.ts";
import { listenToSignals, type SignalSource } from "./src/signals.ts";
import { LineWriter } from "./src/line_writer.ts";
import { supervise } from "./src/supervise.ts";
import { VERSION } from "./src/version.ts";

type Env = Readonly<Record<string, string>>;

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
  return { kind: "gave_up", reason: result.reason, lastExit: undefined };
}

async function run(
  argv: readonly string[],
  env: Env,
  log: Logger,
  flush: () => Promise<void>,
): Promise<Outcome> {
  const configuration = parseConfiguration(env, { host: createHostFacts(env.HOME ?? "/") });
  for (const warning of configuration.warnings) log.warn(warning);
  for (const line of configuration.debug) log.debug(line);
  if (!configuration.settings.autoRecovery) {
    const ended = await install(configuration, argv, env, log, listenToSignals);
    if (ended !== undefined) return ended;
    const lookup = lookUpCommand(argv[0] ?? "", env.PATH);
    if (lookup.kind !== "found") return { kind: `command_${lookup.kind}`, reason: lookup.reason };
    const libc = openLibc();
    if (libc !== undefined) {
      await flush();
      replaceProcess(libc, argv);
      return { kind: "command_not_executable", reason: `Cannot execute ${lookup.path}` };
    }
    return { kind: "engine_ended", exit: await runChild(argv, env) };
  }
  const hopeless = findHopelessPrograms(configuration, env);
  if (hopeless.length > 0) throw new ConfigurationError(hopeless);
  const signals = listenToSignals();
  const ended = await install(configuration, argv, env, log, () => signals);
  if (ended !== undefined) return ended;
  const problem = preflight(configuration, argv, env);
  if (problem !== undefined) return problem;
  return await supervise({ configuration, argv, env, signals, log });
}

async function main(denoArgs: readonly string[], env: Env): Promise<number> {
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
        writeAll(`standard-supervisor ${VERSION}\n`);
        return 0;
      case "misuse":
        log.critical(invocation.text);
        return invocation.code;
      case "check":
        return check(invocation.argv, env, log);
      case "run": {
        const outcome = await run(invocation.argv, env, log, () => writer.close());
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

if (import.meta.main) {
  Deno.exit(await main(Deno.args, Deno.env.toObject()));
}
