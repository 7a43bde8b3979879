/**
 * `SUPERVISOR_<SECTION>_<KEY>`: from a variable's name to the option it sets, and back. The table of
 * options makes the cut, the longest section and the longest key first; `__` is the colon.
 *
 * @module
 */
import { suggest } from "./suggest.ts";
import { type SectionSpec, SUPERVISORD_SECTIONS } from "../formats/supervisord_options.ts";

/** What all these variables' names start with. */
export const VARIABLE_PREFIX = "SUPERVISOR_";

/** The option that a variable sets. */
export interface VariableTarget {
  /** The part of the section's header before the colon. */
  readonly kind: string;
  /** The part after it; `undefined` for `SUPERVISOR_PROGRAM_KEY`, which means the engine. */
  readonly name: string | undefined;
  readonly key: string;
}

interface Kind {
  readonly kind: string;
  readonly spelled: string;
  readonly spec: SectionSpec;
  /** Option names by their spelling in a variable. */
  readonly keys: ReadonlyMap<string, string>;
}

const NAME = /^[A-Z0-9.-]+(?:_[A-Z0-9.-]+)*$/;
const FREE_KEY = /^[A-Z0-9][A-Z0-9_.-]*$/;

/** A dot can hardly be spelled in an environment, so a plugin's factory has shorter spellings. */
function spellKey(key: string): string[] {
  const spelled = key.toUpperCase();
  const [, local] = spelled.split(".");
  if (local === undefined) return [spelled];
  return [spelled, spelled.replace(".", "_"), local, "FACTORY"];
}

const KINDS: readonly Kind[] = [...SUPERVISORD_SECTIONS].map(([kind, spec]) => ({
  kind,
  spelled: kind.toUpperCase().replaceAll("-", "_"),
  spec,
  keys: new Map(
    [...spec.options.keys()].flatMap((key) =>
      spellKey(key).map((spelled): [string, string] => [spelled, key])
    ),
  ),
})).sort((a, b) => b.spelled.length - a.spelled.length);

const LONGEST_KEY = Math.max(...KINDS.flatMap(({ keys }) => [...keys.keys()].map((k) => k.length)));

/** Whole names, without the prefix, that need no section name. */
const SIMPLE_NAMES: readonly string[] = KINDS
  .filter(({ kind, spec }) => !spec.named || kind === "program")
  .flatMap(({ spelled, keys }) => [...keys.keys()].map((key) => `${spelled}_${key}`));

function findNamedKind(rest: string): Kind | undefined {
  return KINDS.find(({ spec, spelled }) => spec.named && rest.startsWith(`${spelled}__`));
}

/** Cuts `NAME_KEY` at the longest known key that leaves a name. */
function splitTail({ kind, keys }: Kind, tail: string): VariableTarget | undefined {
  for (let at = Math.max(1, tail.length - LONGEST_KEY - 1); at < tail.length; at++) {
    if (tail[at] !== "_") continue;
    const key = keys.get(tail.slice(at + 1));
    if (key === undefined) continue;
    const name = tail.slice(0, at);
    return NAME.test(name) ? { kind, name: name.toLowerCase(), key } : undefined;
  }
  return undefined;
}

/**
 * Finds the option that a variable sets.
 *
 * @example
 * ```ts
 * splitVariableName("SUPERVISOR_PROGRAM__LLM_ENGINE_STDOUT_LOGFILE_MAXBYTES");
 * // { kind: "program", name: "llm_engine", key: "stdout_logfile_maxbytes" }
 * ```
 */
export function splitVariableName(variable: string): VariableTarget | undefined {
  const rest = variable.slice(VARIABLE_PREFIX.length);
  const named = findNamedKind(rest);
  if (named !== undefined) return splitTail(named, rest.slice(named.spelled.length + 2));
  for (const { kind, spelled, spec, keys } of KINDS) {
    if (spec.named && kind !== "program" || !rest.startsWith(`${spelled}_`)) continue;
    const key = keys.get(rest.slice(spelled.length + 1));
    if (key !== undefined) return { kind, name: undefined, key };
  }
  return undefined;
}

/**
 * Finds the option that a variable sets beyond the table: a plugin's own key, or, where unknown
 * ones are allowed, a key of a section that is there.
 */
export function splitFreeName(
  variable: string,
  hasSection: (kind: string, name: string) => boolean,
  allowUnknown: boolean,
): VariableTarget | undefined {
  const rest = variable.slice(VARIABLE_PREFIX.length);
  const named = findNamedKind(rest);
  if (named === undefined) {
    const found = allowUnknown &&
      KINDS.find(({ kind, spec, spelled }) =>
        (!spec.named || kind === "program") && rest.startsWith(`${spelled}_`)
      );
    if (!found) return undefined;
    const key = rest.slice(found.spelled.length + 1);
    return FREE_KEY.test(key)
      ? { kind: found.kind, name: undefined, key: key.toLowerCase() }
      : undefined;
  }
  if (!named.spec.freeKeys && !allowUnknown) return undefined;
  const tail = rest.slice(named.spelled.length + 2);
  let at = tail.length;
  // Names with more parts than this are nobody's, and would make the cost grow.
  for (let parts = 0; parts < 16; parts++) {
    at = tail.lastIndexOf("_", at - 1);
    if (at <= 0) return undefined;
    const [name, key] = [tail.slice(0, at), tail.slice(at + 1)];
    if (!hasSection(named.kind, name.toLowerCase())) continue;
    return FREE_KEY.test(key)
      ? { kind: named.kind, name: name.toLowerCase(), key: key.toLowerCase() }
      : undefined;
  }
  return undefined;
}

/**
 * Spells the variable that sets an option.
 *
 * @example
 * ```ts
 * spellVariable("program:web", "command"); // SUPERVISOR_PROGRAM__WEB_COMMAND
 * ```
 */
export function spellVariable(section: string, key: string): string {
  const [kind = "", ...name] = section.split(":");
  const spelledKind = kind.replaceAll("-", "_");
  const spelledKey = spellKey(key).at(-1) ?? key;
  return VARIABLE_PREFIX +
    `${[spelledKind, ...name].join("__")}_${spelledKey}`.toUpperCase();
}

/** Finds what a name with `__` was most likely meant to be. */
function suggestNamed(rest: string): string | undefined {
  const colon = rest.indexOf("__");
  const spelledKind = rest.slice(0, colon);
  const tail = rest.slice(colon + 2);
  const named = KINDS.filter(({ spec }) => spec.named);
  const meant = suggest(spelledKind, named.map(({ spelled }) => spelled));
  const kind = named.find(({ spelled }) => spelled === meant);
  if (kind === undefined) return undefined;
  const start = `${kind.spelled}__`;
  if (splitTail(kind, tail) !== undefined) return start + tail;
  if (tail.includes("__")) {
    const single = tail.replaceAll(/_{2,}/g, "_");
    return splitTail(kind, single) === undefined ? undefined : start + single;
  }
  let at = Math.max(0, tail.length - LONGEST_KEY - 4);
  while ((at = tail.indexOf("_", at + 1)) > 0) {
    const key = suggest(tail.slice(at + 1), kind.keys.keys());
    if (key !== undefined) return `${start}${tail.slice(0, at)}_${key}`;
  }
  return undefined;
}

/**
 * Guesses which variable was meant.
 *
 * @example
 * ```ts
 * suggestVariable("SUPERVISOR_PROGRAM__APP_STARTSEC"); // SUPERVISOR_PROGRAM__APP_STARTSECS
 * ```
 */
export function suggestVariable(variable: string): string | undefined {
  const upper = variable.toUpperCase();
  if (upper !== variable && splitVariableName(upper) !== undefined) return upper;
  const rest = upper.slice(VARIABLE_PREFIX.length);
  if (rest.length > 120) return undefined;
  if (rest.includes("__")) {
    const meant = suggestNamed(rest);
    return meant === undefined ? undefined : VARIABLE_PREFIX + meant;
  }
  for (const kind of KINDS) {
    if (!kind.spec.named || !rest.startsWith(`${kind.spelled}_`)) continue;
    const tail = rest.slice(kind.spelled.length + 1);
    if (splitTail(kind, tail) !== undefined) return `${VARIABLE_PREFIX}${kind.spelled}__${tail}`;
  }
  const meant = suggest(rest, SIMPLE_NAMES);
  return meant === undefined ? undefined : VARIABLE_PREFIX + meant;
}
