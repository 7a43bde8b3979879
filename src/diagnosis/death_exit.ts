/**
 * What the way a process ended tells of why.
 *
 * @module
 */
import type { Cause } from "../policy/cause.ts";
import type { Exit } from "../formats/exit.ts";
import { SIGNAL_NUMBERS } from "../formats/signals.ts";
import type { LogLine } from "./log_lines.ts";
import { WRAPPERS } from "./log_signs.ts";

/** Signals of crashes. */
export const CRASH_SIGNALS: ReadonlySet<string> = new Set(
  ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS"],
);

/** Signals that ask for an end. */
export const STOP_SIGNALS: ReadonlySet<string> = new Set([
  "SIGTERM",
  "SIGINT",
  "SIGQUIT",
  "SIGHUP",
]);

/** Windows's codes for a missing library, and for crashes. */
const NT_CODES: Readonly<Record<number, Cause>> = {
  0xc0000135: "missing_dependency",
  0xc0000139: "missing_dependency",
  0xc0000005: "segfault_abort",
  0xc000001d: "segfault_abort",
  0xc0000374: "segfault_abort",
  0xc0000409: "segfault_abort",
  0xc00000fd: "segfault_abort",
};

/** The name of the signal that ended it, also where a shell turned it into 128 + n. */
export function findSignal(exit: Exit | undefined): string | undefined {
  if (exit === undefined) return undefined;
  if (exit.kind === "signal") return exit.signal;
  return Object.entries(SIGNAL_NUMBERS).find(([, number]) => exit.code === 128 + number)?.[0];
}

/** What only the exit tells. */
export function readExit(exit: Exit | undefined, lines: readonly LogLine[]): Cause {
  const signal = findSignal(exit) ?? "";
  if (CRASH_SIGNALS.has(signal)) return "segfault_abort";
  if (STOP_SIGNALS.has(signal)) return "clean_exit";
  if (exit?.kind !== "code") return "unknown";
  const hasTrouble = lines.some(({ text, isMild }) =>
    WRAPPERS.test(text) || (!isMild && /\b(?:error|exception|failed|fatal|traceback)\b/i.test(text))
  );
  if (exit.code === 0) return hasTrouble ? "unknown" : "clean_exit";
  return NT_CODES[exit.code >>> 0] ?? "unknown";
}
