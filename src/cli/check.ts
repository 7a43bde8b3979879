/**
 * `--check`: what a run would be given, and what is wrong with it; nothing is started.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { generateConfig } from "../document/generate.ts";
import { describeEngine } from "../engines/address.ts";
import { describeGroup, findGroup } from "../engines/group.ts";
import { recogniseEngine } from "../engines/recognise.ts";
import { checkConfiguration } from "../launch/launch.ts";
import { refuseWithoutEnvironment } from "../launch/permission_check.ts";
import type { Logger } from "../log/logger.ts";
import type { Invocation } from "./command_line.ts";
import { writeAll } from "./write_all.ts";

/**
 * Checks everything and prints supervisord's configuration.
 *
 * @param request What was asked for.
 * @param env The environment; `undefined` where it may not be read.
 * @param log Takes what is to be said.
 * @returns The exit code.
 * @throws {ConfigurationError} If anything in the environment is wrong.
 * @throws {PermissionsMissing} If the environment may not be read.
 */
export function check(
  { argv, showsSecrets }: Extract<Invocation, { readonly kind: "check" }>,
  env: Environment | undefined,
  log: Logger,
): number {
  if (env === undefined) refuseWithoutEnvironment();
  const { settings } = checkConfiguration(env);
  const { text, maskedText, environment, warnings, debug } = generateConfig(env, argv);
  const engine = recogniseEngine(argv, settings.engine);
  log.info(describeEngine(engine, env));
  const group = describeGroup(settings.groupRestart, findGroup(argv, engine, env));
  if (group !== undefined) log.info(group);
  for (const warning of warnings) log.warn(warning);
  for (const line of debug) log.debug(line);
  for (const name of environment.keys()) {
    log.warn(`plain supervisord needs the variable ${name}, which a managed run sets by itself`);
  }
  writeAll(showsSecrets ? text : maskedText);
  return 0;
}
