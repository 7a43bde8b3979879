/**
 * Asks Deno what it permits, and never a person: what Deno would prompt for is not permitted.
 *
 * Permissions: none.
 *
 * @module
 */
import type { PermissionQuestion } from "./permissions.ts";

/** A file that every Linux has, and that Deno guards as it guards all of `/proc`. */
const SOME_FILE = "/proc/self/stat";

/** Asks what Deno says to a question. */
export function askPermission(question: PermissionQuestion): Deno.PermissionState {
  if (question.name !== "proc") return Deno.permissions.querySync(question).state;
  return mayReadProc() ? "granted" : "prompt";
}

/** Tells whether something is permitted. */
export function isGranted(question: PermissionQuestion): boolean {
  return askPermission(question) === "granted";
}

/** Whether a file or directory, and what is in it, may be read and written, without asking anybody. */
export function mayReadAndWrite(path: string): boolean {
  return isGranted({ name: "read", path }) && isGranted({ name: "write", path });
}

/**
 * Tells whether `/proc` may be read. Deno wants all permissions for that and has no question for it: with
 * `--allow-read` alone the answer is "granted", and the read fails. It is tried only where that much is
 * granted, since elsewhere Deno would prompt.
 */
export function mayReadProc(): boolean {
  return isProcPermitted ??= tryProc();
}

/** Asked once, since it is asked before every look. */
let isProcPermitted: boolean | undefined;

function tryProc(): boolean {
  if (!isGranted({ name: "read", path: SOME_FILE })) return false;
  try {
    Deno.openSync(SOME_FILE).close(); // Deno 2.6 lets lstat through.
  } catch (error) {
    return !(error instanceof Deno.errors.NotCapable);
  }
  return true;
}

/**
 * Reads the environment, all of it.
 *
 * Permissions: `--allow-env`.
 */
export function readEnvironment(): Record<string, string> | undefined {
  return isGranted({ name: "env" }) ? Deno.env.toObject() : undefined;
}
