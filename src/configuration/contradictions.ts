/**
 * What each variable allows by itself and all of them together do not, or what counts for nothing.
 *
 * @module
 */
import { isTrue } from "../formats/boolean.ts";
import type { ConfigurationIssue } from "../formats/configuration_error.ts";
import { type ConfigDocument, originKey } from "../formats/render.ts";
import { parseProgramHeader } from "../formats/section_header.ts";
import type { ParsedSettings } from "./parse_settings.ts";
import { isJudged } from "./health_choice.ts";
import type { Settings } from "./settings.ts";
import { DEFAULT_ENGINE_NAME } from "./engine_name.ts";

type Own = Pick<ParsedSettings, "settings" | "origins">;

/** What each variable allows by itself and all of them together do not. */
export function findContradictions(
  { settings, origins }: Own,
  sections: ConfigDocument,
  engineName: string,
): ConfigurationIssue[] {
  const issues: ConfigurationIssue[] = [];
  const hasUrl = origins.has("healthUrl") && settings.healthUrl !== "none";
  if (hasUrl && origins.has("healthCommand")) {
    issues.push({
      variable: "PROCESS_HEALTH_COMMAND",
      value: settings.healthCommand.join(" "),
      expected: "the one probe",
      hint: "PROCESS_HEALTH_URL is set too; unset one of them",
    });
  }
  const programs = new Set([engineName, DEFAULT_ENGINE_NAME, "app"]);
  for (const header of sections.keys()) {
    const program = parseProgramHeader(header);
    if (program !== undefined) programs.add(program.name);
  }
  for (const name of settings.criticalPrograms) {
    // An included file may bring it, which is looked at when it is read.
    if (programs.has(name) || sections.has("include")) continue;
    issues.push({
      variable: "PROCESS_CRITICAL_PROGRAMS",
      value: settings.criticalPrograms.join(","),
      expected: "a comma-separated list of programs",
      hint: `there is no program ${name}`,
    });
  }
  return issues;
}

/** Settings that count for nothing without others. */
const NEEDS: readonly {
  readonly keys: readonly (keyof Settings)[];
  readonly has: (settings: Settings) => boolean;
  readonly needed: string;
}[] = [
  {
    // The timeout of a start, and of its probe, count for an engine that is known as well.
    keys: ["healthTimeoutSecs", "startupTimeoutSecs"],
    has: (settings) =>
      isJudged(settings) || (settings.healthUrl !== "none" && settings.engine !== "none"),
    needed: "PROCESS_HEALTH_URL or PROCESS_HEALTH_COMMAND",
  },
  {
    keys: ["healthPeriodSecs", "healthBusyGrace"],
    has: isJudged,
    needed: "PROCESS_HEALTH_URL or PROCESS_HEALTH_COMMAND",
  },
  {
    keys: ["healthFailureThreshold"],
    has: (settings) => isJudged(settings) || settings.canaryPeriodSecs > 0,
    needed: "PROCESS_HEALTH_URL, PROCESS_HEALTH_COMMAND or PROCESS_CANARY_PERIOD_SECS",
  },
  {
    keys: ["canaryTimeoutSecs", "canaryCommand"],
    has: ({ canaryPeriodSecs }) => canaryPeriodSecs > 0,
    needed: "PROCESS_CANARY_PERIOD_SECS",
  },
];

/** Settings of something that there is not. */
export function findIdle({ settings, origins }: Own): string[] {
  return NEEDS.flatMap(({ keys, has, needed }) =>
    has(settings) ? [] : keys.flatMap((key) => {
      const origin = origins.get(key);
      return origin === undefined ? [] : [`${origin} has no effect without ${needed}`];
    })
  );
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
export function findMoot(
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

/** Settings and options of supervisord's that say different things of one matter. */
export function findDisagreements(
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
