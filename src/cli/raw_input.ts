/**
 * Arguments and variables as the kernel has them.
 *
 * Deno decodes arguments as UTF-8 with U+FFFD for what is not, and `deno run` takes a carriage return
 * off the end of each (seen with 2.9.6); variables that are not UTF-8 it does not tell at all. An engine
 * must get what the user gave, and nothing that was meant for us may be ignored in silence.
 *
 * Permissions: all of them, for `/proc`.
 *
 * @module
 */
import { VARIABLE_PREFIX } from "../configuration/variable_names.ts";
import { ConfigurationError } from "../formats/configuration_error.ts";
import { mayReadProc } from "../host/ask_permission.ts";
import { MASK } from "../formats/mask_credentials.ts";
import { type Setting, SETTINGS } from "../configuration/settings.ts";

/**
 * Reads the arguments that Deno tells in `Deno.args`, byte for byte.
 *
 * @throws {ConfigurationError} If one of them is not UTF-8, which no configuration can carry.
 */
export function readRawArguments(args: readonly string[]): readonly string[] {
  if (!mayReadProc()) return args;
  let raw: Uint8Array[];
  try {
    raw = splitAtNul(Deno.readFileSync("/proc/self/cmdline"));
  } catch {
    return args; // Nothing better can be known.
  }
  if (raw.length < args.length) return args;
  const decoded = raw.slice(raw.length - args.length).map(decode);
  const issues = decoded.flatMap((arg, index) =>
    arg === undefined ? [{ variable: `argument ${index + 1}`, value: MASK, expected: "UTF-8" }] : []
  );
  if (issues.length > 0) throw new ConfigurationError(issues);
  return decoded.filter((arg) => arg !== undefined);
}

/** Variables that we read. */
const OURS: ReadonlySet<string> = new Set(
  (Object.values(SETTINGS) as readonly Setting<unknown>[])
    .flatMap(({ name, aliases }) => [name, ...aliases]),
);

function isOurs(name: string): boolean {
  return OURS.has(name) || name.startsWith(VARIABLE_PREFIX);
}

/**
 * Refuses variables of ours that Deno does not tell because they are not UTF-8. Others are none of our
 * business: the engine inherits them as they are.
 *
 * @throws {ConfigurationError} If there are any.
 */
export function checkLostVariables(env: Readonly<Record<string, string>>): void {
  if (!mayReadProc()) return;
  let raw: Uint8Array[];
  try {
    raw = splitAtNul(Deno.readFileSync("/proc/self/environ"));
  } catch {
    return; // It cannot be known.
  }
  const latin1 = new TextDecoder("latin1");
  const lost = raw.map((bytes) => latin1.decode(bytes).split("=", 1)[0] ?? "")
    .filter((name) => isOurs(name) && env[name] === undefined);
  if (lost.length === 0) return;
  throw new ConfigurationError(
    lost.map((variable) => ({ variable, value: MASK, expected: "UTF-8" })),
  );
}

function splitAtNul(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    parts.push(bytes.subarray(start, end < 0 ? bytes.length : end));
    start = end < 0 ? bytes.length : end + 1;
  }
  return parts;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
