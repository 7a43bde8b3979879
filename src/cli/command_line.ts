/**
 * What the command line asks for.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { type ExplainRequest, isExplain, parseExplain } from "./explain_command_line.ts";

/** What `standard-supervisor` is to do. */
export type Invocation =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | {
    readonly kind: "check";
    readonly argv: readonly string[];
    /** Whether the configuration is shown as it is. */
    readonly showsSecrets: boolean;
  }
  | { readonly kind: "run"; readonly argv: readonly string[] }
  | ExplainRequest
  /** Something is wrong with the arguments; `code` is what to exit with. */
  | { readonly kind: "misuse"; readonly text: string; readonly code: 1 | 2 };

const NO_COMMAND =
  "No launch command provided: usage: standard-supervisor [OPTION…] [--] COMMAND [ARG…], for " +
  "example: standard-supervisor vllm serve model --port 8080";

interface Split {
  readonly options: readonly string[];
  readonly argv: readonly string[];
}

/**
 * Cuts arguments before the command: at `--`, or at the first that is no option. From there on
 * nothing is looked at.
 */
function splitAtCommand(args: readonly string[]): Split {
  let at = 0;
  while (at < args.length) {
    const arg = args[at] ?? "";
    if (arg === "--") return { options: args.slice(0, at), argv: args.slice(at + 1) };
    if (!arg.startsWith("-") || arg === "-") break;
    at++;
  }
  return { options: args.slice(0, at), argv: args.slice(at) };
}

/** An option's name without its value, which may be a secret: `--token=x`, `-px`. */
function cutValue(option: string): string {
  return option.startsWith("--") ? option.replace(/=.*/s, "") : option.slice(0, 2);
}

/** Parses the arguments of `standard-supervisor`. */
export function parseCommandLine(args: readonly string[]): Invocation {
  if (isExplain(args)) return parseExplain(args);
  const { options, argv } = splitAtCommand(args);
  const unknown: string[] = [];
  const flags = parseArgs([...options], {
    boolean: ["help", "version", "check", "show-secrets"],
    alias: { help: "h", version: "V" },
    unknown: (arg: string) => {
      unknown.push(arg);
      return false;
    },
  });
  const [first] = unknown;
  if (first !== undefined) {
    return {
      kind: "misuse",
      code: 2,
      text: `Cannot understand the option ${cutValue(first)}: options are --help, --version, ` +
        "--check, --show-secrets, --explain, --status, --health and --ready; the command's own " +
        "come after it",
    };
  }
  if (flags.help) return { kind: "help" };
  if (flags.version) return { kind: "version" };
  const showsSecrets = flags["show-secrets"];
  if (showsSecrets && !flags.check) {
    return { kind: "misuse", code: 2, text: "Cannot use --show-secrets without --check" };
  }
  if (argv.length === 0) return { kind: "misuse", code: 1, text: NO_COMMAND };
  return flags.check ? { kind: "check", argv, showsSecrets } : { kind: "run", argv };
}
