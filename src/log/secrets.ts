/**
 * Which values must never be shown.
 *
 * @module
 */

import { MASK, maskCredentials } from "./mask_credentials.ts";

const SECRET_NAME =
  /PASS(WORD|WD|PHRASE)?(_|$)|TOKEN|SECRET|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIAL|AUTH|ENVIRONMENT|PIP_ARGS/i;

/**
 * Tells whether the value of a variable or option called `name` may be secret.
 *
 * supervisord's `environment` options count, because they carry other variables' values.
 *
 * @param name A variable's or an option's name, in any case.
 * @returns Whether its value must be masked wherever it would be shown.
 */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/**
 * Shows a value for a message: quoted, control characters escaped, cut at 200 characters, and
 * masked where `name` looks secret.
 *
 * @param name The variable or option that holds the value.
 * @param value The value.
 * @returns Text that is safe to log on one line.
 */
export function showValue(name: string, value: string): string {
  if (isSecretName(name)) return MASK;
  const shown = maskCredentials(value).replace(SECRET_PAIR, `$1${MASK}`);
  return JSON.stringify(shown.length > 200 ? shown.slice(0, 200) + "…" : shown);
}

/** In a command or a list: `--api-key x`, `Bearer x`, `TOKEN=x`. */
const SECRET_PAIR =
  /((?:pass(?:word|wd)?|token|secret|(?:api|access|private)[-_]?key|bearer|authorization)["']?(?:\s*[=:]\s*|\s+))[^\s"',;]+/gi;
