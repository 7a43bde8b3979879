/**
 * Finds arguments that Deno could not hand over as they are.
 *
 * Permissions: all of them, for `/proc`.
 *
 * @module
 */
import type { ConfigurationIssue } from "./configuration_error.ts";

const REPLACEMENT = "\uFFFD";

/**
 * Deno decodes arguments as UTF-8 and puts U+FFFD where they are not. An engine would get another
 * argument than the user gave, so that is refused.
 *
 * @param args The arguments, as in `Deno.args`.
 * @returns One issue for each argument that is not UTF-8.
 */
export function findLossyArguments(args: readonly string[]): ConfigurationIssue[] {
  if (!args.some((arg) => arg.includes(REPLACEMENT))) return [];
  let raw: Uint8Array[];
  try {
    raw = splitAtNul(Deno.readFileSync("/proc/self/cmdline")).slice(-args.length);
  } catch {
    return []; // It cannot be known.
  }
  return args.flatMap((arg, index) =>
    isUtf8(raw[index]) ? [] : [{ variable: `argument ${index + 1}`, value: arg, expected: "UTF-8" }]
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

function isUtf8(bytes: Uint8Array | undefined): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
