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
  | { readonly kind: "check"; readonly argv: readonly string[] }
  | { readonly kind: "run"; readonly argv: readonly string[] }
  | ExplainRequest
  /** Something is wrong with the arguments; `code` is what to exit with. */
  | { readonly kind: "misuse"; readonly text: string; readonly code: 1 | 2 };

const NO_COMMAND =
  "Cannot run without a command; usage: standard-supervisor [OPTION…] [--] COMMAND [ARG…], for " +
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

/**
 * Parses the arguments of `standard-supervisor`.
 *
 * @param args The arguments, as in `Deno.args`.
 * @returns What to do.
 */
export function parseCommandLine(args: readonly string[]): Invocation {
  if (isExplain(args)) return parseExplain(args);
  const { options, argv } = splitAtCommand(args);
  const unknown: string[] = [];
  const flags = parseArgs([...options], {
    boolean: ["help", "version", "check"],
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
      text:
        `Cannot understand the option ${first}: options are --help, --version, --check and --explain; ` +
        "the command's own come after it",
    };
  }
  if (flags.help) return { kind: "help" };
  if (flags.version) return { kind: "version" };
  if (argv.length === 0) return { kind: "misuse", code: 1, text: NO_COMMAND };
  return { kind: flags.check ? "check" : "run", argv };
}
