/**
 * Sends signals to processes that Deno has not spawned.
 *
 * Permissions: `--allow-run` without a list; Deno asks for that. `--allow-ffi` for real-time signals.
 *
 * @module
 */
import { SIGNAL_NUMBERS } from "../formats/signals.ts";
import { openLibc } from "./libc.ts";

/** What became of a signal; `refused` if the process is another user's and CAP_KILL is missing. */
export type SignalResult = "sent" | "gone" | "refused";

/** Sends a signal to a process, or with a negative number to a process group. */
export function trySignal(pid: number, signal: string): SignalResult {
  // Deno knows no real-time signals.
  const number = signal.startsWith("SIGRT") ? SIGNAL_NUMBERS[signal] : undefined;
  if (number !== undefined && openLibc()?.kill(pid, number) === 0) return "sent";
  try {
    // Where it could not be sent, SIGCONT, which changes nothing, shows why.
    Deno.kill(pid, number === undefined ? signal as Deno.Signal : "SIGCONT");
    return number === undefined ? "sent" : "refused";
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied ? "refused" : "gone";
  }
}

/** Sends a signal as {@linkcode trySignal} does; returns whether it was sent. */
export function sendSignal(pid: number, signal: string): boolean {
  return trySignal(pid, signal) === "sent";
}
