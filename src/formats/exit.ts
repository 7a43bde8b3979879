/**
 * How a process ended, as wait(2) tells it: an exit code or a signal.
 *
 * @module
 */

import { findSignalName, SIGNAL_NUMBERS } from "./signals.ts";

/** How a process ended. */
export type Exit =
  | { readonly kind: "code"; readonly code: number }
  /** Killed by a signal; its name such as `SIGKILL` where known. */
  | { readonly kind: "signal"; readonly signal: string | undefined };

/**
 * Parses a wait status.
 *
 * @param status As wait(2) gives it, and `/proc/<pid>/stat` in `exit_code`.
 * @returns How the process ended.
 * @see https://man7.org/linux/man-pages/man2/wait.2.html
 */
export function parseWaitStatus(status: number): Exit {
  const signal = status & 0x7f;
  return signal === 0
    ? { kind: "code", code: status >> 8 & 0xff }
    : { kind: "signal", signal: findSignalName(signal) };
}

/** The code a shell would give: the process's own, or 128 + n for signal n (137 for an unknown one). */
export function exitToCode(exit: Exit): number {
  if (exit.kind === "code") return exit.code;
  return 128 + (SIGNAL_NUMBERS[exit.signal ?? ""] ?? 9);
}

/** Says how a process ended: `exit code 3`, `SIGKILL`. */
export function renderExit(exit: Exit): string {
  return exit.kind === "code" ? `exit code ${exit.code}` : exit.signal ?? "a signal";
}

/**
 * Says which code comes of something.
 *
 * @param text What happened, with a full stop or without.
 * @param code The exit code.
 * @returns Both.
 */
export function withExitCode(text: string, code: number): string {
  return `${text.replace(/\.$/, "")}; exit code ${code}`;
}
