/**
 * The one error for everything a user can get wrong in the environment or on the command line.
 *
 * @module
 */
import { showValue } from "./secrets.ts";

/** One thing that is wrong with the configuration. */
export interface ConfigurationIssue {
  /** The environment variable or argument at fault. */
  readonly variable: string;
  /** Its value as given; `undefined` where the variable is missing. */
  readonly value?: string | undefined;
  /** What it cannot be read as, e.g. `an integer from 0 to 100`. */
  readonly expected: string;
  /** How to fix it, a phrase or sentence without a full stop. */
  readonly hint?: string | undefined;
}

/**
 * Says one issue in one line.
 *
 * @param issue What is wrong.
 * @returns One line: the variable, what was expected, the value (masked where its name looks
 * secret) and the hint.
 *
 * @example
 * ```ts
 * renderIssue({ variable: "PROCESS_MAX_START_RETRIES", value: "many", expected: "an integer from 0 to 100" });
 * // Cannot read PROCESS_MAX_START_RETRIES as an integer from 0 to 100: current value is "many"
 * ```
 */
export function renderIssue(issue: ConfigurationIssue): string {
  const hint = issue.hint === undefined ? "" : `; ${issue.hint}`;
  return issue.value === undefined
    ? `Cannot do without ${issue.variable}: ${issue.expected}${hint}`
    : `Cannot read ${issue.variable} as ${issue.expected}: current value is ${
      showValue(issue.variable, issue.value)
    }${hint}`;
}

/**
 * Thrown when the environment or the command line cannot be turned into a configuration. It carries
 * every issue that was found, so that a user can fix all of them at once.
 */
export class ConfigurationError extends Error {
  /** Every issue found, in the order of the variables' names. */
  readonly issues: readonly ConfigurationIssue[];

  /**
   * Collects issues.
   *
   * @param issues Every issue found; at least one.
   */
  constructor(issues: readonly ConfigurationIssue[]) {
    super(issues.map(renderIssue).join("\n"));
    this.name = "ConfigurationError";
    this.issues = issues;
  }
}
