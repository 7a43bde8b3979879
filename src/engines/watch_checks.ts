/**
 * What settings ask to have watched of an engine, beside what can be.
 *
 * @module
 */
import type { ConfigurationIssue } from "../formats/configuration_error.ts";
import { findGivenUrl, isJudged } from "../configuration/health_choice.ts";
import type { Settings } from "../configuration/settings.ts";
import type { WatchPlan } from "./engine_plan.ts";

/** Finds what is asked for and cannot be. */
export function checkWatch(
  settings: Settings,
  plan: WatchPlan,
): { readonly issues: ConfigurationIssue[]; readonly warnings: string[] } {
  const issues: ConfigurationIssue[] = [];
  const warnings: string[] = [];
  if (settings.healthUrl === "auto" && plan.health === undefined) {
    issues.push({
      variable: "PROCESS_HEALTH_URL",
      value: "auto",
      expected: "the URL of the engine's health",
      hint:
        `nothing is known of where ${plan.title} answers; PROCESS_ENGINE says which engine it is`,
    });
  }
  if (settings.progressTimeoutSecs > 0 && plan.metrics === undefined) {
    warnings.push(
      `PROCESS_PROGRESS_TIMEOUT_SECS has no effect: no metrics of ${plan.title} are known that tell ` +
        "whether requests run (docs/engines.md)",
    );
  }
  if (
    settings.canaryPeriodSecs > 0 && settings.canaryCommand.length === 0 &&
    plan.canary === undefined
  ) {
    warnings.push(
      `PROCESS_CANARY_PERIOD_SECS has no effect: no request for one token is known of ${plan.title}; ` +
        "PROCESS_CANARY_COMMAND gives one",
    );
  }
  return { issues, warnings };
}

/** Says what is watched of an engine. */
export function describeWatch(settings: Settings, plan: WatchPlan): string[] {
  const phrases: string[] = [];
  const judge = settings.healthCommand.length > 0
    ? "PROCESS_HEALTH_COMMAND"
    : findGivenUrl(settings) ?? (settings.healthUrl === "auto" ? plan.health?.startUrl : undefined);
  if (judge !== undefined) {
    phrases.push(`it has started once ${judge} is good, which also judges whether it works`);
  } else if (settings.healthUrl === "none" || plan.start === undefined) {
    phrases.push("it has started after startsecs");
  } else {
    const { start } = plan;
    const good = start.kind === "http" ? `${start.url} answers` : `port ${start.port} is open`;
    phrases.push(`it has started once ${good}, which judges nothing else`);
  }
  if (plan.metrics !== undefined && settings.progressTimeoutSecs > 0) {
    phrases.push(
      `it hangs where requests run without progress for ${settings.progressTimeoutSecs} s`,
    );
  }
  if (plan.metrics !== undefined && settings.healthBusyGrace && isJudged(settings)) {
    phrases.push("failed probes do not count while it makes progress");
  }
  if (settings.canaryPeriodSecs > 0 && (plan.canary ?? settings.canaryCommand[0]) !== undefined) {
    phrases.push(`a canary is sent every ${settings.canaryPeriodSecs} s while it makes none`);
  }
  return phrases;
}
