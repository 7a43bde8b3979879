/**
 * The configuration as a file for plain supervisord.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { renderDocument } from "../formats/render.ts";
import { buildDocument, plainPaths } from "./build_document.ts";
import { DEFAULT_ENGINE_NAME } from "../configuration/engine_name.ts";
import { parseConfiguration } from "./parse_configuration.ts";

/** A configuration for plain supervisord. */
export interface GeneratedConfig {
  /** The file's text. */
  readonly text: string;
  /** Variables that supervisord's environment must carry; empty but for hostile arguments. */
  readonly environment: ReadonlyMap<string, string>;
  /** What should be mended, a line each. */
  readonly warnings: readonly string[];
  /** What was left alone and why, a line each. */
  readonly debug: readonly string[];
}

/**
 * Renders what the environment asks for as a configuration that plain supervisord runs.
 *
 * @param env The environment.
 * @param argv The command and its arguments.
 * @param engineName The program's name.
 * @returns The file's text and what goes with it.
 * @throws {ConfigurationError} If the environment or an argument is wrong.
 *
 * @example
 * ```ts
 * import { generateConfig } from "@model-hosting/standard-supervisor";
 *
 * const { text } = generateConfig({ PROCESS_MAX_START_RETRIES: "5" }, ["vllm", "serve", "model"]);
 * console.log(text.includes("startretries=5")); // true
 * ```
 */
export function generateConfig(
  env: Environment,
  argv: readonly string[],
  engineName: string = DEFAULT_ENGINE_NAME,
): GeneratedConfig {
  const configuration = parseConfiguration(env, { engineName });
  const { document, environment } = buildDocument(configuration, argv, plainPaths(engineName));
  const { warnings, debug } = configuration;
  return { text: renderDocument(document), environment, warnings, debug };
}
