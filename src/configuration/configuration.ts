/**
 * From the environment to a checked configuration.
 *
 * @module
 */
import { ConfigurationError, type ConfigurationIssue } from "../formats/configuration_error.ts";
import { buildDocument, plainPaths } from "../document/document.ts";
import { findDocumentIssues } from "../document/document_checks.ts";
import { findDirectory } from "../formats/paths.ts";
import { type ConfigDocument, findUnrenderable, originKey } from "../formats/render.ts";
import { type ParsedSettings, parseSettings } from "../settings/parse_settings.ts";
import type { Settings } from "../settings/settings.ts";
import { parseSupervisorVariables } from "./supervisor_variables.ts";
import { type HostFacts, isTrue } from "./value_checks.ts";

/** The environment: names and values. */
export type Environment = Readonly<Record<string, string>>;

/** The engine's section is `[program:llm_engine]` unless another name is given. */
export const DEFAULT_ENGINE_NAME = "llm_engine";

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
  /** What should be mended, a line each. */
  readonly warnings: readonly string[];
  /** What was left alone and why, a line each. */
  readonly debug: readonly string[];
}

/** How to read an environment. */
export interface ConfigurationOptions {
  /**
   * The engine's program name.
   *
   * @default {"llm_engine"}
   */
  readonly engineName?: string | undefined;
  /** What only the machine knows; without it, users and directories are not looked up. */
  readonly host?: HostFacts | undefined;
}

/**
 * Reads and checks the whole environment.
 *
 * @param env The environment.
 * @param options How to read it.
 * @returns What it asks for.
 * @throws {ConfigurationError} If anything in it is wrong; it carries every issue found.
 *
 * @example
 * ```ts
 * import { parseConfiguration } from "@model-hosting/standard-supervisor";
 *
 * const { settings } = parseConfiguration({ PROCESS_MAX_START_RETRIES: "5" });
 * console.log(settings.maxStartRetries); // 5
 * ```
 */
export function parseConfiguration(
  env: Environment,
  options: ConfigurationOptions = {},
): Configuration {
  const { engineName = DEFAULT_ENGINE_NAME, host } = options;
  const own = parseSettings(env);
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
  const issues = [
    ...own.issues,
    ...variables.issues,
    ...findContradictions(own, variables.sections, engineName),
  ];
  const known = new Set(issues.map(({ variable }) => variable));
  issues.push(
    ...findDocumentIssuesOf(configuration, env, here).filter(({ variable }) =>
      !known.has(variable)
    ),
  );
  if (issues.length > 0) {
    throw new ConfigurationError(
      issues.sort((a, b) => a.variable < b.variable ? -1 : a.variable > b.variable ? 1 : 0),
    );
  }
  return configuration;
}

/** What each value allows by itself and the whole document does not, tried with some command. */
function findDocumentIssuesOf(
  configuration: Configuration,
  env: Environment,
  here: string,
): ConfigurationIssue[] {
  const { origins } = configuration;
  const { document } = buildDocument(configuration, ["true"], plainPaths(configuration.engineName));
  return [
    ...findUnrenderable(document, origins),
    ...findDocumentIssues(document, { environment: env, here, origins }),
  ];
}

type Own = Pick<ParsedSettings, "settings" | "origins">;

/** What each variable allows by itself and all of them together do not. */
function findContradictions(
  { settings, origins }: Own,
  sections: ConfigDocument,
  engineName: string,
): ConfigurationIssue[] {
  const issues: ConfigurationIssue[] = [];
  if (origins.has("healthUrl") && origins.has("healthCommand")) {
    issues.push({
      variable: "PROCESS_HEALTH_COMMAND",
      value: settings.healthCommand.join(" "),
      expected: "the one probe",
      hint: "PROCESS_HEALTH_URL is set too; unset one of them",
    });
  }
  const programs = new Set([engineName, DEFAULT_ENGINE_NAME, "app"]);
  for (const header of sections.keys()) {
    const [kind, name] = header.split(":", 2);
    if (name !== undefined && /^(program|fcgi-program|eventlistener)$/.test(kind ?? "")) {
      programs.add(name);
    }
  }
  for (const name of settings.criticalPrograms) {
    if (programs.has(name)) continue;
    issues.push({
      variable: "PROCESS_CRITICAL_PROGRAMS",
      value: settings.criticalPrograms.join(","),
      expected: "a comma-separated list of programs",
      hint: `there is no program ${name}`,
    });
  }
  return issues;
}

const NEEDS_PROBE = [
  "healthPeriodSecs",
  "healthTimeoutSecs",
  "healthFailureThreshold",
  "startupTimeoutSecs",
] as const;

function findIdle({ origins }: Own): string[] {
  if (origins.has("healthUrl") || origins.has("healthCommand")) return [];
  return NEEDS_PROBE.flatMap((key) => {
    const origin = origins.get(key);
    return origin === undefined
      ? []
      : [`${origin} has no effect without PROCESS_HEALTH_URL or PROCESS_HEALTH_COMMAND`];
  });
}

/** Settings that a supervisord option says too; the option is the more exact. */
const SAME_SETTING: readonly {
  readonly setting: keyof Settings;
  readonly section: "engine" | "supervisord";
  readonly key: string;
}[] = [
  { setting: "maxStartRetries", section: "engine", key: "startretries" },
  { setting: "logLevel", section: "supervisord", key: "loglevel" },
];

/** What is said and counts for nothing. */
function findMoot(
  { settings, origins }: Own,
  sections: ConfigDocument,
  variables: ReadonlyMap<string, string>,
  engineName: string,
): string[] {
  const origin = origins.get("autoRecovery");
  if (!settings.autoRecovery && variables.size > 0) {
    return [
      `${origin}=false launches the engine without supervisord: ${
        [...new Set(variables.values())].join(", ")
      } have no effect then`,
    ];
  }
  const warnings: string[] = [];
  const autorestart = sections.get(`program:${engineName}`)?.get("autorestart");
  if (
    origin !== undefined && autorestart !== undefined && !isTrue(autorestart)
  ) {
    const exact = variables.get(originKey(`program:${engineName}`, "autorestart"));
    warnings.push(
      `${origin}=true and ${exact}=${autorestart} say different things: ${exact} wins`,
    );
  }
  const nodaemon = sections.get("supervisord")?.get("nodaemon");
  if (nodaemon !== undefined && !isTrue(nodaemon)) {
    const exact = variables.get(originKey("supervisord", "nodaemon"));
    warnings.push(`${exact}=${nodaemon} has no effect: supervisord must stay in the foreground`);
  }
  return warnings;
}

function findDisagreements(
  own: Own,
  sections: ConfigDocument,
  origins: ReadonlyMap<string, string>,
  engineName: string,
): string[] {
  const warnings: string[] = [];
  for (const { setting, section, key } of SAME_SETTING) {
    const header = section === "engine" ? `program:${engineName}` : section;
    const exact = sections.get(header)?.get(key);
    const origin = own.origins.get(setting);
    if (exact === undefined || origin === undefined || exact === String(own.settings[setting])) {
      continue;
    }
    const exactOrigin = origins.get(originKey(header, key)) ?? originKey(header, key);
    warnings.push(
      `${origin}=${own.settings[setting]} and ${exactOrigin}=${exact} say different things: ` +
        `${exactOrigin} wins`,
    );
  }
  return warnings;
}
