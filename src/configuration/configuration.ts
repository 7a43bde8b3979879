/**
 * From the environment to a configuration, each variable checked.
 *
 * @module
 */
import type { ConfigurationIssue } from "../formats/configuration_error.ts";
import { findDirectory } from "../formats/paths.ts";
import type { ConfigDocument } from "../formats/render.ts";
import { parseSettings } from "./parse_settings.ts";
import type { Settings } from "./settings.ts";
import { findContradictions, findDisagreements, findIdle, findMoot } from "./contradictions.ts";
import { findEngineName } from "./engine_name.ts";
import { parseSupervisorVariables } from "./supervisor_variables.ts";
import type { HostFacts } from "./value_checks.ts";

/** The environment: names and values. */
export type Environment = Readonly<Record<string, string>>;

/** What the environment asks for, checked. */
export interface Configuration {
  /** standard-supervisor's own settings. */
  readonly settings: Settings;
  /** The variable that gave each setting its value; absent where it is the default. */
  readonly settingOrigins: ReadonlyMap<keyof Settings, string>;
  /** The engine's program name. */
  readonly engineName: string;
  /** What `SUPERVISOR_<SECTION>_<KEY>` variables say, by section; names of the engine resolved. */
  readonly sections: ConfigDocument;
  /** The variable behind each value of `sections`, by `originKey(section, key)`. */
  readonly origins: ReadonlyMap<string, string>;
  /** What should be fixed, a line each. */
  readonly warnings: readonly string[];
  /** What was left alone and why, a line each. */
  readonly debug: readonly string[];
}

/** How to read an environment. */
export interface ConfigurationOptions {
  /** The engine's program name, in place of what the environment says. */
  readonly engineName?: string | undefined;
  /** What only the machine knows; without it, users and directories are not looked up. */
  readonly host?: HostFacts | undefined;
}

/** What {@linkcode readConfiguration} found. */
export interface ReadConfiguration {
  /** What the environment asks for, as far as it can be read. */
  readonly configuration: Configuration;
  /** What is wrong with it. */
  readonly issues: readonly ConfigurationIssue[];
}

/**
 * Reads the whole environment and checks every variable, by itself and beside the others; what only
 * the whole document tells is not looked at.
 *
 * @param env The environment.
 * @param options How to read it.
 * @returns What it asks for, and what is wrong.
 */
export function readConfiguration(
  env: Environment,
  options: ConfigurationOptions = {},
): ReadConfiguration {
  const { host } = options;
  const own = parseSettings(env);
  const engineName = options.engineName ?? (own.settings.programName || findEngineName(env));
  const here = findDirectory(own.settings.configPath);
  const variables = parseSupervisorVariables(env, {
    engineName,
    allowUnknown: own.settings.allowUnknown,
    host,
    here,
  });
  const configuration: Configuration = {
    settings: own.settings,
    settingOrigins: own.origins,
    engineName,
    sections: variables.sections,
    origins: variables.origins,
    warnings: [
      ...own.warnings,
      ...findIdle(own),
      ...variables.warnings,
      ...findMoot(own, variables.sections, variables.origins, engineName),
      ...findDisagreements(own, variables.sections, variables.origins, engineName),
    ],
    debug: variables.debug,
  };
  const issues: ConfigurationIssue[] = [
    ...own.issues,
    ...variables.issues,
    ...findContradictions(own, variables.sections, engineName),
  ];
  return { configuration, issues };
}
