/**
 * Whether a signal can have reached the program that a process runs.
 *
 * Between fork and exec a child of supervisord has Python's handlers: a signal then is noted by a
 * program that ends the next moment, and nobody hears it.
 *
 * Permissions: all of them, to read below `/proc`.
 *
 * @module
 */
import { SIGNAL_NUMBERS } from "../formats/signals.ts";
import { mayReadProc } from "../host/ask_permission.ts";
import { hasBit, parseStatusMask } from "./status_mask.ts";
import { lookAt } from "./process_table.ts";

/** How old a process may be for its exec to have been a moment ago, in ticks of 10 ms. */
const YOUNG_TICKS = 100;

/** What a process would do on a signal: nothing of its program's own, or unknown. */
export type SignalFate =
  /** It has not become its program yet, and its parent's handler swallows the signal. */
  | "swallowed"
  /** It ends at once: that it lives shows that it has not had the signal. */
  | "ends"
  /** It handles, ignores or holds it back. */
  | "handled"
  | "unknown";

/** Reads what a process would do on a signal that ends a process by default. */
export function readSignalFate(pid: number, parent: number, signal: string): SignalFate {
  if (!mayReadProc()) return "unknown"; // Asked without it, Deno would prompt on a terminal, and wait.
  try {
    const command = Deno.readTextFileSync(`/proc/${pid}/cmdline`);
    // In the middle of exec it has none.
    if (["", Deno.readTextFileSync(`/proc/${parent}/cmdline`)].includes(command)) {
      return "swallowed";
    }
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const bit = (SIGNAL_NUMBERS[signal] ?? 0) - 1;
    const isHandled = ["SigBlk", "SigIgn", "SigCgt"].some((field) =>
      hasBit(parseStatusMask(status, field), bit)
    );
    return isHandled ? "handled" : "ends";
  } catch {
    return "unknown"; // It has ended, or may not be looked at.
  }
}

/** Whether a process began so lately that a signal may have come before its exec. */
export function isJustSpawned(pid: number): boolean {
  const look = lookAt(pid);
  if (look.kind !== "present") return false;
  try {
    const [upSecs = ""] = Deno.readTextFileSync("/proc/uptime").split(" ");
    return Number(upSecs) * 100 - Number(look.process.startTicks) < YOUNG_TICKS;
  } catch {
    return false;
  }
}
