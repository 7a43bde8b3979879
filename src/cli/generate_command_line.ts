/**
 * What the command line of `generate-supervisor-config` asks for. The original reads it with Python's
 * argparse, so options are spelled as there: `-oFILE`, `--output=FILE`, `--out FILE`.
 *
 * @module
 */

import { isProgramName } from "../formats/section_header.ts";

/** What `generate-supervisor-config` is to do. */
export type GenerateInvocation =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | {
    readonly kind: "generate";
    readonly output: string;
    /** `undefined` without `-p`. */
    readonly programName: string | undefined;
    readonly logLevel: GenerateLogLevel;
    readonly argv: readonly string[];
  }
  /** Something is wrong with the arguments; `code` is what to exit with. */
  | { readonly kind: "misuse"; readonly text: string; readonly code: 1 | 2 };

/** What is said meanwhile: nothing but errors; what was written; warnings too. */
export type GenerateLogLevel = "ERROR" | "INFO" | "DEBUG";

const LOG_LEVELS: readonly string[] = ["ERROR", "INFO", "DEBUG"];

/** Long names; those of short ones are below. */
type Name = "--output" | "--program-name" | "--log-level" | "--help" | "--version";

const NAMES: readonly Name[] = ["--output", "--program-name", "--log-level", "--help", "--version"];

const SHORT: Readonly<Record<string, Name>> = {
  "-o": "--output",
  "-p": "--program-name",
  "-h": "--help",
  "-V": "--version",
};

const FLAGS: ReadonlySet<Name> = new Set(["--help", "--version"]);

/** Options that were read, and where what follows them begins. */
interface Options {
  readonly values: ReadonlyMap<Name, string>;
  readonly end: number;
}

type Misuse = { readonly problem: string };

/** As argparse tells options from words: `-`, negative numbers and what has blanks are words. */
function isOption(arg: string): boolean {
  return arg.startsWith("-") && arg !== "-" && !/^-\d+$|^-\d*\.\d+$/.test(arg) &&
    !arg.includes(" ");
}

/** Cuts `--output=FILE`, `-oFILE`, `-o=FILE`; finds the one long name that an abbreviation means. */
function cutOption(arg: string): { readonly name: Name; readonly value?: string } | Misuse {
  if (!arg.startsWith("--")) {
    const name = SHORT[arg.slice(0, 2)];
    if (name === undefined) {
      return { problem: `Cannot understand the option ${arg.slice(0, 2)}; see --help` };
    }
    if (arg.length === 2) return { name };
    return { name, value: arg.slice(arg[2] === "=" ? 3 : 2) };
  }
  const equals = arg.indexOf("=");
  const spelled = equals < 0 ? arg : arg.slice(0, equals);
  const [name, other] = NAMES.filter((long) => long.startsWith(spelled));
  if (name === undefined || other !== undefined) {
    return { problem: `Cannot understand the option ${spelled}; see --help` };
  }
  return equals < 0 ? { name } : { name, value: arg.slice(equals + 1) };
}

/** Reads options up to the first word or `--`. */
function readOptions(args: readonly string[], from: number): Options | Misuse {
  const values = new Map<Name, string>();
  let at = from;
  for (let arg = args[at]; arg !== undefined && arg !== "--" && isOption(arg); arg = args[at]) {
    const option = cutOption(arg);
    if ("problem" in option) return option;
    const { name, value = args[at + 1] } = option;
    if (FLAGS.has(name)) {
      if (option.value !== undefined) return { problem: `Cannot give ${name} a value` };
      return { values: values.set(name, ""), end: at + 1 };
    }
    if (value === undefined || (option.value === undefined && isOption(value))) {
      return { problem: `Cannot read ${name}: it needs a value` };
    }
    if (name === "--log-level" && !LOG_LEVELS.includes(value)) {
      return {
        problem: `Cannot read --log-level as one of ${LOG_LEVELS.join(", ")}: ` +
          `current value is ${JSON.stringify(value)}`,
      };
    }
    values.set(name, value);
    at += option.value === undefined ? 2 : 1;
  }
  return { values, end: at };
}

/** Finds where a command ends with options of ours alone, `-o` among them. */
function findTrailingOptions(
  argv: readonly string[],
): Options & { readonly from: number } | undefined {
  for (let from = 1; from < argv.length; from++) {
    const options = readOptions(argv, from);
    if ("problem" in options || options.end !== argv.length) continue;
    if (options.values.has("--output") && !hasFlag(options.values)) return { ...options, from };
  }
  return undefined;
}

function hasFlag(values: ReadonlyMap<Name, string>): boolean {
  return [...FLAGS].some((flag) => values.has(flag));
}

/**
 * Parses the arguments of `generate-supervisor-config`.
 *
 * From the command on everything is the command's own. Only where no `-o` stands before it, options at
 * the very end count, as the original allows: without `-o` nothing could be done anyway.
 */
export function parseGenerateCommandLine(args: readonly string[]): GenerateInvocation {
  const misuse = (text: string, code: 1 | 2 = 2): GenerateInvocation => ({
    kind: "misuse",
    code,
    text,
  });
  const leading = readOptions(args, 0);
  if ("problem" in leading) return misuse(leading.problem);
  if (leading.values.has("--help")) return { kind: "help" };
  if (leading.values.has("--version")) return { kind: "version" };
  const isSeparated = args[leading.end] === "--";
  const rest = args.slice(leading.end + (isSeparated ? 1 : 0));
  const trailing = isSeparated || leading.values.has("--output")
    ? undefined
    : findTrailingOptions(rest);
  const values = new Map([...leading.values, ...trailing?.values ?? []]);
  const argv = rest.slice(0, trailing?.from);
  const output = values.get("--output");
  if (output === undefined) {
    return misuse("Cannot do without -o FILE: where to write the configuration");
  }
  if (argv.length === 0) return misuse("Cannot do without a command: what the program runs");
  const programName = values.get("--program-name");
  if (programName !== undefined && !isProgramName(programName)) {
    return misuse(
      "Cannot read -p as a program's name, without white space and []:/%;#=, : " +
        `current value is ${JSON.stringify(programName)}`,
      1,
    );
  }
  const logLevel = (values.get("--log-level") ?? "ERROR") as GenerateLogLevel;
  return { kind: "generate", output, programName, logLevel, argv };
}
