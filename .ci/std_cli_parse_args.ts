// Stands in for @std/cli/parse-args where JSR cannot be reached. npm's deno-std does the work, but it is JavaScript,
// of which the compiler believes anything; so here are types as strict as the real ones, of what this project uses.
import * as std from "deno-std/cli/parse_args.js";

/** What to parse. */
export interface ParseOptions<B extends string, S extends string> {
  /** Names that are true or false. */
  readonly boolean?: ReadonlyArray<B>;
  /** Names that take a text. */
  readonly string?: ReadonlyArray<S>;
  /** Further names. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Called with what is no known name; false leaves it out. */
  readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** What was parsed: a missing text is `undefined`, anything else unknown. */
export type Args<B extends string, S extends string> =
  & { [name: string]: unknown }
  & { [name in B]: boolean }
  & { [name in S]?: string }
  & { _: Array<string | number> };

/** Parses arguments. */
export function parseArgs<B extends string = never, S extends string = never>(
  args: string[],
  options: ParseOptions<B, S> = {},
): Args<B, S> {
  return std.parseArgs(args, options);
}
