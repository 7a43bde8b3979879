/**
 * Sends signals to processes that Deno has not spawned.
 *
 * Permissions: `--allow-run` without a list; Deno asks for that.
 *
 * @module
 */

/**
 * Sends a signal to a process, or with a negative number to a process group.
 *
 * @param pid The process, or minus the group.
 * @param signal Which.
 * @returns Whether there was somebody to receive it.
 */
export function sendSignal(pid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(pid, signal);
    return true;
  } catch {
    return false; // Gone already, or another user's.
  }
}
