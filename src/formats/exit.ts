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

const SIGNAL_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(SIGNAL_NUMBERS).map(([name, number]) => [number, name]),
);

/**
 * Finds a signal's name.
 *
 * @param signal Its number, or a name that may be one.
 * @returns The name, such as `SIGKILL`; `undefined` where there is no such signal.
 */
export function findSignalName(signal: number | string): string | undefined {
  if (typeof signal === "number") return SIGNAL_NAMES.get(signal);
  return Object.hasOwn(SIGNAL_NUMBERS, signal) ? signal : undefined;
}

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
