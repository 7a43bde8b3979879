/**
 * How an engine and a container end, and the exit code that says so.
 *
 * @module
 */
import { type Exit, exitToCode, renderExit } from "../formats/exit.ts";
import { type Death, findCauseExitCode } from "./cause.ts";

/** How a container ended. */
export type Outcome =
  /** Somebody asked for it: a signal's name, or who else. */
  | {
    readonly kind: "stopped";
    readonly by: string;
    /** What was killed because its grace was over, a phrase each; none where absent. */
    readonly killed?: readonly string[];
    /** What still runs since it may not be signalled, a phrase each; none where absent. */
    readonly refused?: readonly string[];
  }
  /** The engine ended and no restart was due. */
  | {
    readonly kind: "engine_ended";
    readonly exit: Exit;
    /** What tells that it is one of several, which all start again; absent where it is not. */
    readonly group?: string;
    /** Why it died, where that is known. */
    readonly death?: Death | undefined;
  }
  /** A limit was reached, or recovery is hopeless. */
  | {
    readonly kind: "gave_up";
    readonly reason: string;
    readonly lastExit: Exit | undefined;
    /** Why the engine died last, where that is known. */
    readonly death?: Death | undefined;
  }
  /** What the model asks for could not be installed. */
  | { readonly kind: "not_installed"; readonly reason: string }
  /** The command is not there (exit code 127) or cannot be executed (126). */
  | { readonly kind: "command_not_found"; readonly reason: string }
  | { readonly kind: "command_not_executable"; readonly reason: string }
  /** supervisord is missing, did not start, died or hung. */
  | { readonly kind: "supervisord_failed"; readonly reason: string };

/**
 * What to exit with when recovery is hopeless: a number from 1 to 255, the engine's last code, or one that
 * tells the cause.
 */
export type GiveUpExitCode = number | "engine" | "cause";

/** An exit code and the sentence that explains it. */
export interface ExitReport {
  /** 0–255. */
  readonly code: number;
  /** One line for people. */
  readonly text: string;
}

/**
 * Turns an outcome into the exit code and the sentence that explains it.
 *
 * @param outcome How the container ended.
 * @param giveUpExitCode What to exit with after giving up; `engine` stands for the engine's last
 * code, and for 1 where that was 0 or is not known; `cause` for one after sysexits.h.
 * @returns The exit code, 0–255, and why.
 */
export function reportExit(outcome: Outcome, giveUpExitCode: GiveUpExitCode = 1): ExitReport {
  switch (outcome.kind) {
    case "stopped":
      return {
        code: outcome.refused === undefined ? 0 : 1,
        text: [`stopped by ${outcome.by}`, ...outcome.killed ?? [], ...outcome.refused ?? []]
          .join("; "),
      };
    case "engine_ended":
      return {
        // Whoever starts a group again may do so only where one of it has failed.
        code: exitToCode(outcome.exit) || (outcome.group === undefined ? 0 : 1),
        text: `engine ended with ${renderExit(outcome.exit)}, ${
          outcome.group === undefined
            ? "no restart is due"
            : `and the group that it is of starts again (${outcome.group})`
        }`,
      };
    case "gave_up": {
      const engineCode = outcome.lastExit === undefined ? 1 : exitToCode(outcome.lastExit) || 1;
      return {
        code: giveUpExitCode === "engine"
          ? engineCode
          : giveUpExitCode === "cause"
          ? findCauseExitCode(outcome.death?.cause)
          : giveUpExitCode,
        text: `gave up: ${outcome.reason}`,
      };
    }
    case "not_installed":
      return { code: 1, text: outcome.reason };
    case "command_not_found": {
      // The C library's words, and so a shell's and the Python package's: scripts look for them.
      const words = "No such file or directory";
      const { reason } = outcome;
      return { code: 127, text: reason.includes(words) ? reason : `${reason}: ${words}` };
    }
    case "command_not_executable":
      return { code: 126, text: outcome.reason };
    case "supervisord_failed":
      return { code: 125, text: `supervisord failed: ${outcome.reason}` };
  }
}
