/**
 * What `PROCESS_HEALTH_URL` says: a URL, `auto` for the path of an engine that is known, `none`, or
 * nothing, `""`.
 *
 * @module
 */

/** A URL, `"auto"`, `"none"`, or `""` where it is unset. */
export type HealthChoice = string;

/** The settings that say what asks whether the engine works. */
export interface HealthSettings {
  /** `PROCESS_HEALTH_URL`. */
  readonly healthUrl: HealthChoice;
  /** `PROCESS_HEALTH_COMMAND`, as words. */
  readonly healthCommand: readonly string[];
}

/** Reads `PROCESS_HEALTH_URL`. */
export function parseHealthChoice(text: string): HealthChoice | undefined {
  const word = text.toLowerCase();
  if (word === "" || word === "auto" || word === "none") return word;
  return /^https?:\/\//.test(word) && URL.canParse(text) ? text : undefined;
}

/** Finds the URL that was given. */
export function findGivenUrl({ healthUrl }: HealthSettings): string | undefined {
  return ["", "auto", "none"].includes(healthUrl) ? undefined : healthUrl;
}

/** Whether something was given the right to judge the engine. */
export function isJudged(settings: HealthSettings): boolean {
  return settings.healthUrl === "auto" || findGivenUrl(settings) !== undefined ||
    settings.healthCommand.length > 0;
}
