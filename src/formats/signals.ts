/**
 * Signals by name and number: the one table of them.
 *
 * @see https://man7.org/linux/man-pages/man7/signal.7.html
 * @module
 */
import { parsePythonInteger, stripPythonSpace } from "./python_text.ts";

const NAMES =
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT " +
  "STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";

/** glibc keeps the first two real-time signals for itself. */
const REAL_TIME = { min: 34, max: 64 } as const;

/** The number of each signal of Linux, the same on every architecture that Deno runs on. */
export const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(NAMES.split(" ").map((name, index) => [`SIG${name}`, index + 1])),
  ...Object.fromEntries(
    Array.from({ length: REAL_TIME.max - REAL_TIME.min + 1 }, (_, index) => [
      index === 0
        ? "SIGRTMIN"
        : index === REAL_TIME.max - REAL_TIME.min
        ? "SIGRTMAX"
        : `SIGRTMIN+${index}`,
      REAL_TIME.min + index,
    ]),
  ),
};

/** Other names for signals of the table. */
const ALIASES: Readonly<Record<string, string>> = {
  SIGIOT: "SIGABRT",
  SIGPOLL: "SIGIO",
  SIGCLD: "SIGCHLD",
};

const SIGNAL_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(SIGNAL_NUMBERS).map(([name, number]) => [number, name]),
);

/** Finds a signal's name. */
export function findSignalName(signal: number | string): string | undefined {
  if (typeof signal === "number") return SIGNAL_NAMES.get(signal);
  const name = ALIASES[signal] ?? signal;
  return Object.hasOwn(SIGNAL_NUMBERS, name) ? name : undefined;
}

/**
 * Parses a signal as supervisord does: its number, or its name with or without `SIG`, in any case.
 *
 * @see https://github.com/Supervisor/supervisor/blob/4.2.5/supervisor/datatypes.py#L333
 */
export function parseSignal(text: string): string | undefined {
  const number = parsePythonInteger(text);
  const name = findSignalName(
    number ?? `SIG${stripPythonSpace(text).toUpperCase().replace(/^SIG/, "")}`,
  );
  // Python names only the first and the last of the real-time signals.
  return name?.startsWith("SIGRTMIN+") ? undefined : name;
}
