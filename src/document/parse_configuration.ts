/**
 * From the environment to a configuration that supervisord will take, the whole document checked.
 *
 * @module
 */
import {
  type Configuration,
  type ConfigurationOptions,
  type Environment,
  readConfiguration,
} from "../configuration/configuration.ts";
import { ConfigurationError, type ConfigurationIssue } from "../formats/configuration_error.ts";
import { findDirectory } from "../formats/paths.ts";
import { findUnrenderable } from "../formats/render.ts";
import { buildDocument, plainPaths } from "./build_document.ts";
import { findDocumentIssues } from "./document_checks.ts";

/**
 * Reads and checks the whole environment.
 *
 * @throws {ConfigurationError} If anything in it is wrong; it carries every issue found.
 *
 * @example
 * ```ts
 * const { settings } = parseConfiguration({ PROCESS_MAX_START_RETRIES: "5" });
 * console.log(settings.maxStartRetries); // 5
 * ```
 */
export function parseConfiguration(
  env: Environment,
  options: ConfigurationOptions = {},
): Configuration {
  const { configuration, issues } = readConfiguration(env, options);
  const known = new Set(issues.map(({ variable }) => variable));
  const all = [
    ...issues,
    ...findIssuesOfDocument(configuration, env).filter(({ variable }) => !known.has(variable)),
  ];
  if (all.length > 0) {
    throw new ConfigurationError(
      all.sort((a, b) => a.variable < b.variable ? -1 : a.variable > b.variable ? 1 : 0),
    );
  }
  return configuration;
}

/** What each value allows by itself and the whole document does not, tried with some command. */
function findIssuesOfDocument(
  configuration: Configuration,
  env: Environment,
): ConfigurationIssue[] {
  const { origins, engineName, settings } = configuration;
  const { document } = buildDocument(configuration, ["true"], plainPaths(engineName));
  const here = findDirectory(settings.configPath);
  return [
    ...findUnrenderable(document, origins),
    ...findDocumentIssues(document, { environment: env, here, origins }),
  ];
}
