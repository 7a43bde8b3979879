/**
 * Checks before anything starts what is asked for and only an engine that is known has.
 *
 * @module
 */
import type { Configuration, Environment } from "../configuration/configuration.ts";
import { findEngineEnvironment } from "../document/engine_environment.ts";
import { checkWatch } from "../engines/watch_checks.ts";
import { planWatch } from "../engines/engine_plan.ts";
import { ConfigurationError } from "../formats/configuration_error.ts";
import { askPermission } from "../host/ask_permission.ts";
import { findConnectNeed } from "./permission_needs.ts";
import { describeMissing, type PermissionNeed, PermissionsMissing } from "../host/permissions.ts";
import type { Logger } from "../log/logger.ts";

/**
 * Checks it.
 *
 * @throws {ConfigurationError} If the engine's kind does not tell what is asked for.
 * @throws {PermissionsMissing} If Deno does not permit it.
 */
export function checkEngine(
  configuration: Configuration,
  argv: readonly string[],
  env: Environment,
  log: Logger,
): void {
  const { settings } = configuration;
  const plan = planWatch(argv, settings.engine, findEngineEnvironment(configuration, env));
  const { issues, warnings } = checkWatch(settings, plan);
  if (issues.length > 0) throw new ConfigurationError(issues);
  for (const warning of warnings) log.warn(warning);
  const needs: PermissionNeed[] = [];
  const add = (url: string | undefined, purpose: string) => {
    if (url !== undefined) needs.push(findConnectNeed(url, purpose));
  };
  if (settings.healthUrl === "auto") add(plan.health?.url, "PROCESS_HEALTH_URL");
  if (settings.progressTimeoutSecs > 0) add(plan.metrics?.url, "PROCESS_PROGRESS_TIMEOUT_SECS");
  if (settings.canaryPeriodSecs > 0 && settings.canaryCommand.length === 0) {
    add(plan.canary?.url, "PROCESS_CANARY_PERIOD_SECS");
  }
  const { refusal } = describeMissing(needs, askPermission);
  if (refusal !== undefined) throw new PermissionsMissing(refusal);
}
