/**
 * Which values must never be shown.
 *
 * @module
 */

import { MASK, maskCredentials } from "./mask_credentials.ts";

const SECRET_NAME =
  /PASS(WORD|WD|PHRASE)?(_|$)|TOKEN|SECRET|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIAL|AUTH|ENVIRONMENT|COMM?AND|ON_EVENT|ARGS|^argument \d/i;

/**
 * Tells whether the value of a variable or option called `name` may be secret.
 *
 * supervisord's `environment` options count, because they carry other variables' values, and so do
 * commands and arguments, which may carry anything.
 */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/**
 * Shows a value for a message: quoted, control characters escaped, cut at 200 characters, and
 * masked where `name` looks secret.
 */
export function showValue(name: string, value: string): string {
  if (isSecretName(name) || value === MASK) return MASK;
  const shown = maskText(value);
  return JSON.stringify(shown.length > 200 ? shown.slice(0, 200) + "…" : shown);
}

const SECRET_WORD =
  "(?:pass(?:word|wd|phrase)?|token|secret|(?:api|access|private)[-_]?keys?|bearer|authorization)";

/** In a command or a sentence: `--api-key x`, `Bearer x`, `TOKEN=x`, `Authorization: Bearer x`. */
const SECRET_PAIR = new RegExp(
  `(${SECRET_WORD}["']?(?:\\s*[=:]\\s*(?:(?:bearer|basic)\\s+)?|\\s+))(?!\\*\\*\\*)[^\\s"',;[\\\\]+`,
  "gi",
);

/**
 * In JSON, Python's words, a shell's script: `"api_key": "x"`, `api_key='x'`, `'api_key': ['x', 'y']`,
 * `--api-key "x"`. The end may have been cut off.
 */
const QUOTED_PAIR = new RegExp(
  `(${SECRET_WORD}\\\\?["']?\\s*[=:]\\s*|--[\\w-]*${SECRET_WORD}\\s+)` +
    `(?:\\[[^\\]]*\\]?|\\\\?"[^"]*"?|'[^']*'?)`,
  "gi",
);

/**
 * Masks what looks secret inside a text: credentials in URLs, and what follows `password=` and the like.
 */
export function maskText(text: string): string {
  return maskCredentials(text).replace(QUOTED_PAIR, `$1${MASK}`).replace(SECRET_PAIR, `$1${MASK}`);
}

/** An option or variable whose name ends as a secret's does: `--api-key`, not `--max-tokens`. */
const SECRET_OPTION =
  /(?:^|[-_])(?:pass(?:word|wd|phrase)?|token|secret|(?:api|access|private)[-_]?keys?|credentials?|auth(?:orization)?)$/i;

/**
 * Masks arguments of a command that look secret.
 *
 * @example
 * ```ts
 * maskArguments(["env", "HF_TOKEN=x", "vllm", "--api-key", "y", "--max-tokens", "8"]);
 * // ["env", "HF_TOKEN=***", "vllm", "--api-key", "***", "--max-tokens", "8"]
 * ```
 */
export function maskArguments(words: readonly string[]): string[] {
  return words.map((word, index) => {
    const [, name, value] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
    if (name !== undefined && value !== undefined) {
      return SECRET_OPTION.test(name) ? `${name}=${MASK}` : maskText(word);
    }
    const before = words[index - 1] ?? "";
    const isValue = before.startsWith("-") && SECRET_OPTION.test(before) && !word.startsWith("--");
    return isValue ? MASK : maskText(word);
  });
}
