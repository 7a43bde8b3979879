/**
 * Sends signals to processes that Deno has not spawned.
 *
 * Permissions: `--allow-run` without a list; Deno asks for that.
 *
 * @module
 */

/** What became of a signal; `refused` where the process is another user's and CAP_KILL is missing. */
export type SignalResult = "sent" | "gone" | "refused";

/**
 * Sends a signal to a process, or with a negative number to a process group.
 *
 * @param pid The process, or minus the group.
 * @param signal Which.
 * @returns What became of it.
 */
export function trySignal(pid: number, signal: Deno.Signal): SignalResult {
  try {
    Deno.kill(pid, signal);
    return "sent";
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied ? "refused" : "gone";
  }
}

/**
 * Sends a signal as {@linkcode trySignal} does.
 *
 * @param pid The process, or minus the group.
 * @param signal Which.
 * @returns Whether there was somebody who received it.
 */
export function sendSignal(pid: number, signal: Deno.Signal): boolean {
  return trySignal(pid, signal) === "sent";
}
