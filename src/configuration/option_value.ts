/**
 * Checks one value by its option's type, under supervisord's own rules (`supervisor/datatypes.py`)
 * and a little beyond them: what supervisord accepts though it can only be a mistake is refused.
 *
 * @module
 */
import { parseEnvironmentList } from "../formats/environment_list.ts";
import { expandValue, type ExpansionNames } from "../formats/expansion.ts";
import { type HostFacts, VALUE_CHECKS, type ValueFailure } from "./value_checks.ts";
import type { OptionSpec } from "../formats/supervisord_options.ts";

export type { HostFacts, ValueFailure } from "./value_checks.ts";

/** What a check may look at beside the value. */
export interface ValueContext {
  /** What each name in a `%(name)s` stands for. */
  readonly names: ExpansionNames;
  /** Whether the value may be secret, so that nothing of it may be quoted. */
  readonly secret: boolean;
  /** What only the machine knows; without it, users and directories are not looked up. */
  readonly host?: HostFacts | undefined;
}

function checkEnvironmentList(text: string): ValueFailure | undefined {
  const expected = "a comma-separated list of KEY=value";
  const list = parseEnvironmentList(text);
  if ("failure" in list) {
    return { expected, hint: `${list.failure}; quote values, KEY="a, b"` };
  }
  if (list.loss === undefined) return undefined;
  return { expected, hint: `${list.loss}; quote values, KEY="a, b"` };
}

function expandFor(spec: OptionSpec, value: string, context: ValueContext): string | ValueFailure {
  let text = value;
  for (let times = spec.expandedTwice ? 2 : 1; times > 0; times--) {
    const expansion = expandValue(text, context.names);
    if ("failure" in expansion) {
      return {
        expected: "text in which supervisord can expand each %(name)s",
        hint: context.secret ? "a literal percent sign is written %%" : expansion.failure,
      };
    }
    text = expansion.text;
  }
  return text;
}

/**
 * Checks a value as supervisord will read it: expanded, then by its type.
 *
 * @example
 * ```ts
 * import { findOption } from "../formats/supervisord_options.ts";
 *
 * const spec = findOption("program:a", "exitcodes")!;
 * checkOptionValue(spec, "0,256", { names: new Map(), secret: false })?.expected;
 * // a comma-separated list of exit codes from 0 to 255
 * ```
 */
export function checkOptionValue(
  spec: OptionSpec,
  value: string,
  context: ValueContext,
): ValueFailure | undefined {
  const text = expandFor(spec, value, context);
  if (typeof text !== "string") return text;
  if (spec.type === "environment_list") return checkEnvironmentList(text);
  const check = VALUE_CHECKS[spec.type];
  // supervisord looks for a blank, a colon and a slash before it expands, and not after.
  if (spec.type === "process_name") return check(value, spec) ?? check(text, spec);
  return check(text, spec, context.host);
}
