/**
 * From the environment to the settings.
 *
 * @module
 */
import type { ConfigurationIssue } from "../formats/configuration_error.ts";
import { showValue } from "../formats/secrets.ts";
import { type Setting, SETTINGS, type Settings } from "./settings.ts";

/** What {@linkcode parseSettings} found. */
export interface ParsedSettings {
  /** Every setting, its default where it is unset or cannot be read. */
  readonly settings: Settings;
  /** The variable that gave each setting its value; absent where it is the default. */
  readonly origins: ReadonlyMap<keyof Settings, string>;
  /** What cannot be read. */
  readonly issues: readonly ConfigurationIssue[];
  /** What was read but should be fixed. */
  readonly warnings: readonly string[];
}

/** Reads every setting. White space around a value is ignored, and an empty value means unset. */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): ParsedSettings {
  const issues: ConfigurationIssue[] = [];
  const warnings: string[] = [];
  const origins = new Map<keyof Settings, string>();
  const read = <K extends keyof Settings>(key: K): [K, Settings[K]] => {
    const setting: Setting<Settings[K]> = SETTINGS[key];
    let value: Settings[K] | undefined;
    for (const name of [setting.name, ...setting.aliases]) {
      const text = env[name]?.trim();
      if (text === undefined || text === "") continue;
      const parsed = setting.parse(text);
      const origin = origins.get(key);
      if (parsed === undefined) {
        issues.push({ variable: name, value: text, expected: setting.expected });
      } else if (origin === undefined) {
        value = parsed;
        origins.set(key, name);
      } else if (parsed !== value) {
        warnings.push(
          `${origin}=${showValue(origin, env[origin] ?? "")} and ${name}=${
            showValue(name, text)
          } say different things: ${origin} wins`,
        );
      }
    }
    return [key, value ?? setting.parse(setting.defaultText) as Settings[K]];
  };
  const settings = Object.fromEntries(
    (Object.keys(SETTINGS) as (keyof Settings)[]).map((key) => read(key)),
  ) as unknown as Settings;
  return { settings, origins, issues, warnings };
}
