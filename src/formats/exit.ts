/**
 * How a process ended, as wait(2) tells it: an exit code or a signal.
 *
 * @module
 */

/** How a process ended. */
export type Exit =
  | { readonly kind: "code"; readonly code: number }
  /** Killed by a signal; its name such as `SIGKILL` where known. */
  | { readonly kind: "signal"; readonly signal: string | undefined };

/** Signal numbers of Linux that are the same on every architecture Deno runs on. */
export const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
};

/**
 * Finds a signal's name.
 *
 * @param signal Its number, or a name that may be one.
 * @returns The name, such as `SIGKILL`; `undefined` where there is no such signal.
 */
export function findSignalName(signal: number | string): string | undefined {
  return Object.entries(SIGNAL_NUMBERS).find(([name, number]) =>
    name === signal || number === signal
  )?.[0];
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
