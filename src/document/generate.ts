/**
 * The configuration as a file for plain supervisord.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { renderDocument } from "../formats/render.ts";
import { buildDocument, plainPaths } from "./build_document.ts";
import { maskDocument } from "./mask_document.ts";
import { parseConfiguration } from "./parse_configuration.ts";

/** A configuration for plain supervisord. */
export interface GeneratedConfig {
  /** The file's text. */
  readonly text: string;
  /** The same for people to read: what looks secret is masked. */
  readonly maskedText: string;
  /** Variables that supervisord's environment must carry; empty but for hostile arguments. */
  readonly environment: ReadonlyMap<string, string>;
  /** What should be fixed, a line each. */
  readonly warnings: readonly string[];
  /** What was left alone and why, a line each. */
  readonly debug: readonly string[];
}

/**
 * Renders what the environment asks for as a configuration that plain supervisord runs.
 *
 * @param env The environment.
 * @param argv The command and its arguments.
 * @param engineName The program's name, in place of what the environment says.
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
  engineName?: string,
): GeneratedConfig {
  const configuration = parseConfiguration(env, { engineName });
  const { document, environment } = buildDocument(
    configuration,
    argv,
    plainPaths(configuration.engineName),
  );
  const { warnings, debug } = configuration;
  return {
    text: renderDocument(document),
    maskedText: renderDocument(maskDocument(document)),
    environment,
    warnings,
    debug,
  };
}
