/**
 * Arguments as the kernel has them.
 *
 * Deno decodes arguments as UTF-8 with U+FFFD for what is not, and `deno run` takes a carriage return
 * off the end of each (seen with 2.9.6). An engine must get what the user gave.
 *
 * Permissions: all of them, for `/proc`.
 *
 * @module
 */
import { ConfigurationError } from "./configuration_error.ts";

/**
 * Reads the arguments that Deno tells in `Deno.args`, byte for byte.
 *
 * @param args The arguments, as in `Deno.args`.
 * @returns The arguments; `args` itself where `/proc` may not be read.
 * @throws {ConfigurationError} If one of them is not UTF-8, which no configuration can carry.
 */
export function readRawArguments(args: readonly string[]): readonly string[] {
  let raw: Uint8Array[];
  try {
    raw = splitAtNul(Deno.readFileSync("/proc/self/cmdline"));
  } catch {
    return args; // Nothing better can be known.
  }
  if (raw.length < args.length) return args;
  const decoded = raw.slice(raw.length - args.length).map(decode);
  const issues = decoded.flatMap((arg, index) =>
    arg === undefined
      ? [{ variable: `argument ${index + 1}`, value: args[index], expected: "UTF-8" }]
      : []
  );
  if (issues.length > 0) throw new ConfigurationError(issues);
  return decoded.filter((arg) => arg !== undefined);
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
