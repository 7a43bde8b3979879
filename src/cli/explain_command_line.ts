/**
 * What `--explain` is asked with.
 *
 * @module
 */
import type { Exit } from "../formats/exit.ts";
import { findSignalName } from "../formats/signals.ts";

/** What to explain, and how to say it. */
export interface ExplainRequest {
  readonly kind: "explain";
  /** The log; `undefined` for standard input. */
  readonly file: string | undefined;
  /** How the engine ended, where it was said. */
  readonly exit: Exit | undefined;
  /** Whether to print JSON. */
  readonly isJson: boolean;
}

/** Arguments that make no sense. */
export interface ExplainMisuse {
  readonly kind: "misuse";
  readonly text: string;
  readonly code: 2;
}

const VALUED = ["--exit-code", "--signal"];

/** Whether arguments ask for an explanation: `--explain` stands before any command. */
export function isExplain(args: readonly string[]): boolean {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === "--explain" || arg.startsWith("--explain=")) return true;
    if (arg === "--" || !arg.startsWith("-")) return false;
    if (VALUED.includes(arg)) at++;
  }
  return false;
}

function misuse(text: string): ExplainMisuse {
  return { kind: "misuse", text, code: 2 };
}

/** An exit code as wait(2), a shell, Windows or Python's subprocess (-9 for signal 9) tells it. */
function parseExitCode(text: string): Exit | undefined {
  if (!/^-?\d{1,10}$/.test(text)) return undefined;
  const code = Number(text);
  if (code >= 0) return code <= 0xffff_ffff ? { kind: "code", code } : undefined;
  const signal = findSignalName(-code);
  return signal === undefined ? undefined : { kind: "signal", signal };
}

/** A signal by its number, or by its name in any case, with or without `SIG`. */
function parseSignal(text: string): Exit | undefined {
  const signal = /^\d+$/.test(text)
    ? findSignalName(Number(text))
    : findSignalName(`SIG${text.toUpperCase().replace(/^SIG/, "")}`);
  return signal === undefined ? undefined : { kind: "signal", signal };
}

/**
 * Parses the arguments of `--explain [FILE] [--exit-code N | --signal S] [--json]`, in any order.
 */
export function parseExplain(args: readonly string[]): ExplainRequest | ExplainMisuse {
  const files: string[] = [];
  const exits: Exit[] = [];
  let isJson = false;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? "";
    const equals = arg.startsWith("--") ? arg.indexOf("=") : -1;
    const name = equals < 0 ? arg : arg.slice(0, equals);
    if (arg === "--") {
      files.push(...args.slice(at + 1));
      break;
    } else if (arg === "--explain") continue;
    else if (name === "--explain") files.push(arg.slice(equals + 1));
    else if (arg === "--json") isJson = true;
    else if (VALUED.includes(name)) {
      const value = equals < 0 ? args[++at] : arg.slice(equals + 1);
      const exit = name === "--signal" ? parseSignal(value ?? "") : parseExitCode(value ?? "");
      if (exit === undefined) {
        const expected = name === "--signal"
          ? "a signal such as SIGSEGV or 11"
          : "an exit code from 0 to 4294967295, or minus a signal's number";
        return misuse(
          value === undefined
            ? `Cannot do without a value of ${name}: it takes ${expected}`
            : `Cannot read ${name} as ${expected}: current value is ${JSON.stringify(value)}`,
        );
      }
      exits.push(exit);
    } else if (arg.startsWith("-") && arg !== "-") {
      return misuse(
        `Cannot understand the option ${arg}: --explain takes [FILE], --exit-code N, --signal S and --json`,
      );
    } else files.push(arg);
  }
  if (files.length > 1) {
    return misuse(
      `Cannot explain more than one file: got ${files.map((f) => JSON.stringify(f)).join(" and ")}`,
    );
  }
  if (exits.length > 1) return misuse("Cannot end twice: give --exit-code or --signal, once");
  const [file] = files;
  return { kind: "explain", file: file === "-" ? undefined : file, exit: exits[0], isJson };
}
