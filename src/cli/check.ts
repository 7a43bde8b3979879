/**
 * `--check`: what a run would be given, and what is wrong with it; nothing is started.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { findEngineEnvironment } from "../document/engine_environment.ts";
import { generateConfig } from "../document/generate.ts";
import { describeEngine } from "../engines/address.ts";
import { describeGroup, findGroup } from "../engines/group.ts";
import { recognizeEngine } from "../engines/recognize.ts";
import { isGranted } from "../host/ask_permission.ts";
import { checkWatch, describeWatch } from "../engines/watch_checks.ts";
import { planWatch } from "../engines/engine_plan.ts";
import { ConfigurationError } from "../formats/configuration_error.ts";
import { checkConfiguration } from "../launch/launch.ts";
import { refuseWithoutEnvironment } from "../launch/permission_check.ts";
import type { Logger } from "../log/logger.ts";
import { findEmbedded } from "../supervisord/embedded_supervisord.ts";
import { findSupervisord } from "../supervisord/find_supervisord.ts";
import type { Invocation } from "./command_line.ts";
import { writeAll } from "./write_all.ts";

/**
 * Checks everything and prints supervisord's configuration.
 *
 * @throws {ConfigurationError} If anything in the environment is wrong.
 * @throws {PermissionsMissing} If the environment may not be read.
 */
export async function check(
  { argv, showsSecrets }: Extract<Invocation, { readonly kind: "check" }>,
  env: Environment | undefined,
  log: Logger,
): Promise<number> {
  if (env === undefined) refuseWithoutEnvironment();
  const configuration = checkConfiguration(env);
  const { settings } = configuration;
  const { text, maskedText, environment, warnings, debug } = generateConfig(env, argv);
  const plan = planWatch(argv, settings.engine, findEngineEnvironment(configuration, env));
  const { issues, warnings: idle } = checkWatch(settings, plan);
  if (issues.length > 0) throw new ConfigurationError(issues);
  const engine = recognizeEngine(argv, settings.engine);
  log.info([describeEngine(engine, env), ...describeWatch(settings, plan)].join("; "));
  const group = describeGroup(settings.groupRestart, findGroup(argv, engine, env));
  if (group !== undefined) log.info(group);
  if (settings.autoRecovery) await tellSupervisord(settings.supervisordPath, argv, env, log);
  for (const warning of idle) log.warn(warning);
  for (const warning of warnings) log.warn(warning);
  for (const line of debug) log.debug(line);
  for (const name of environment.keys()) {
    log.warn(`plain supervisord needs the variable ${name}, which a managed run sets by itself`);
  }
  writeAll(showsSecrets ? text : maskedText);
  return 0;
}

/** Says which supervisord a run would use, where that may be looked for. */
async function tellSupervisord(
  path: string,
  argv: readonly string[],
  env: Environment,
  log: Logger,
): Promise<void> {
  if (!isGranted({ name: "read" }) || !isGranted({ name: "run" })) return;
  const found = await findSupervisord(path, argv, env);
  if ("command" in found) return log.info(`supervisord is ${found.command.join(" ")}`);
  const embedded = found.python === undefined ? undefined : findEmbedded();
  if (embedded === undefined) return log.warn(found.failure);
  log.info(`supervisord is the ${embedded.version} of this executable, on ${found.python}`);
}
