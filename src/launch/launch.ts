/**
 * From a command and an environment to the end of the container: everything between the command line
 * and the exit code.
 *
 * @module
 */
import { lookUpCommand } from "../host/command_lookup.ts";
import type { Configuration, Environment } from "../configuration/configuration.ts";
import { ConfigurationError } from "../formats/configuration_error.ts";
import { guardDebugger } from "../host/debugger_guard.ts";
import { installDependencies } from "./dependencies.ts";
import { replaceProcess, runChild } from "./direct.ts";
import { createHostFacts } from "../host/host_facts.ts";
import { openLibc } from "../host/libc.ts";
import type { Logger } from "../log/logger.ts";
import type { Outcome } from "../policy/outcome.ts";
import { warnOfParentShell } from "./parent_shell.ts";
import { checkPermissions } from "./permission_check.ts";
import { findHopeless, preflight } from "./preflight.ts";
import type { SignalSource } from "../host/signals.ts";
import { supervise } from "../supervise/supervise.ts";
import { parseConfiguration } from "../document/parse_configuration.ts";

/** What a launch needs. */
export interface LaunchOptions {
  /** The command and its arguments. */
  readonly argv: readonly string[];
  /** The environment to read; the engine gets it on top of this process's own. */
  readonly env: Environment;
  /** Signals to act on. */
  readonly signals: SignalSource;
  /** Takes what is to be said. */
  readonly log: Logger;
  /** Called before this process is replaced, to write out what is still to be said. */
  readonly flush: () => Promise<void>;
}

/**
 * Does with a command what the environment asks for: checks everything, installs what the model needs,
 * then supervises the engine, or launches it directly where `PROCESS_AUTO_RECOVERY` is false. With FFI
 * a direct launch replaces this process, and nothing is returned.
 *
 * @param options What it needs.
 * @returns How it ended; `reportExit` turns that into an exit code.
 * @throws {ConfigurationError} If anything in the environment is wrong; it carries every issue.
 * @throws {PermissionsMissing} If Deno does not permit what the run cannot do without; nothing was started.
 */
export async function launch(options: LaunchOptions): Promise<Outcome> {
  const { argv, env, signals, log } = options;
  const configuration = readConfiguration(env);
  checkPermissions({ configuration, argv, env, log });
  guardDebugger();
  warnOfParentShell(log);
  refuseHopeless(configuration, env);
  for (const warning of configuration.warnings) log.warn(warning);
  for (const line of configuration.debug) log.debug(line);
  const ended = await install(configuration, options);
  if (ended !== undefined) return ended;
  if (!configuration.settings.autoRecovery) return await launchDirectly(options);
  const problem = preflight(configuration, argv, env);
  if (problem !== undefined) return problem;
  return await supervise({ configuration, argv, env, signals, log });
}

/**
 * Reads the environment and checks it against this machine.
 *
 * @param env The environment.
 * @returns What it asks for.
 * @throws {ConfigurationError} If anything in it is wrong.
 */
export function checkConfiguration(env: Environment): Configuration {
  const configuration = readConfiguration(env);
  refuseHopeless(configuration, env);
  return configuration;
}

function readConfiguration(env: Environment): Configuration {
  return parseConfiguration(env, { host: createHostFacts(env.HOME ?? "/") });
}

function refuseHopeless(configuration: Configuration, env: Environment): void {
  if (!configuration.settings.autoRecovery) return;
  const issues = findHopeless(configuration, env);
  if (issues.length > 0) throw new ConfigurationError(issues);
}

/** Installs what the model asks for; how the whole ended where that was the end of it. */
async function install(
  configuration: Configuration,
  { argv, env, signals, log }: LaunchOptions,
): Promise<Outcome | undefined> {
  const output = Deno.stderr; // stdout is the engine's.
  const result = await installDependencies({ configuration, argv, env, signals, log, output });
  if (result.kind === "stopped") return result;
  if (result.kind !== "failed") return undefined;
  return { kind: "not_installed", reason: result.reason };
}

async function launchDirectly({ argv, env, signals, flush }: LaunchOptions): Promise<Outcome> {
  const lookup = lookUpCommand(argv[0] ?? "", env.PATH);
  if (lookup.kind !== "found") return { kind: `command_${lookup.kind}`, reason: lookup.reason };
  await flush();
  const [signal] = signals.stopSignals;
  if (signal !== undefined) return { kind: "stopped", by: signal };
  const libc = openLibc();
  if (libc === undefined) return { kind: "engine_ended", exit: await runChild(argv, env) };
  replaceProcess(libc, argv);
  return { kind: "command_not_executable", reason: `Cannot execute ${lookup.path}` };
}
