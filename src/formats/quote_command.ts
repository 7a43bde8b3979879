/**
 * Commands: from an argument vector to the text of supervisord's `command=`, and to what a person
 * could paste into a shell.
 *
 * @module
 */
import { ConfigurationError } from "./configuration_error.ts";

/** A command for supervisord's `command=`. */
export interface QuotedCommand {
  /** The text that supervisord's `%` expansion and word splitting turn back into the vector. */
  readonly command: string;
  /** Variables that supervisord's own environment must carry for that; mostly none. */
  readonly environment: ReadonlyMap<string, string>;
}

const WORD = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * Quotes one argument for a POSIX shell, the way a person would write it.
 *
 * @example
 * ```ts
 * quoteArgument("it's"); // 'it'"'"'s'
 * ```
 */
export function quoteArgument(argument: string): string {
  if (WORD.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'"'"'`)}'`;
}

/** What stands, inside single quotes, for a character that quotes do not protect in the file. */
function protect(found: string): string {
  switch (found) {
    case "'":
      return `'"'"'`;
    case "%":
      return "%%";
    case "%(":
      // With an [include], supervisord replaces a literal %(here)s before it looks at %%.
      return "%%''(";
    case "\n":
      return "''\n''";
    default:
      return `''${found}`;
  }
}

/**
 * Writes an argument vector as the text of a `command=`: proven against supervisord's own parser,
 * with and without an `[include]`.
 *
 * The vector itself is never expanded: a `%` in it stays one. An argument with a carriage return
 * cannot stand in the file and travels in a variable of supervisord's own environment, which its
 * children inherit.
 *
 * @throws {ConfigurationError} If an argument holds a NUL, which no program can receive, or half
 * of a surrogate pair, which UTF-8 cannot carry.
 *
 * @example
 * ```ts
 * quoteCommand(["echo", "50%", "a b"]).command; // echo '50%%' 'a b'
 * ```
 */
export function quoteCommand(
  argv: readonly string[],
  prefix = "STANDARD_SUPERVISOR_ARGUMENT_",
): QuotedCommand {
  const environment = new Map<string, string>();
  const words = argv.map((argument, index) => {
    if (argument.includes("\0") || !argument.isWellFormed()) {
      throw new ConfigurationError([{
        variable: `argument ${index}`,
        value: argument,
        expected: "text that a program can receive",
        hint: "NUL and halves of surrogate pairs cannot be passed on",
      }]);
    }
    if (argument.includes("\r")) {
      const name = `${prefix}${index}`;
      environment.set(name, quoteArgument(argument));
      return `%(ENV_${name})s`;
    }
    if (WORD.test(argument) && !argument.includes("%")) return argument;
    return `'${argument.replaceAll(/%\(|[';#%\n]/g, protect)}'`;
  });
  return { command: words.join(" "), environment };
}
