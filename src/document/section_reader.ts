/**
 * Reads options of one section as supervisord would: expanded, with its types.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { expandValue } from "../formats/expansion.ts";
import { parsePythonInteger } from "../formats/python_text.ts";
import type { ConfigSection } from "../formats/render.ts";

/** Expands a value whose names the environment gives; the value as it is where it cannot. */
export function expandWithEnvironment(
  value: string,
  env: Environment,
  names: ReadonlyMap<string, string | number> = new Map(),
): string {
  const expansion = expandValue(value, {
    get: (name) => name.startsWith("ENV_") ? env[name.slice(4)] : names.get(name),
  });
  return "text" in expansion ? expansion.text : value;
}

/** Reads options of one section with supervisord's types; values were checked before. */
export class SectionReader {
  readonly #section: ConfigSection;
  readonly #env: Environment;
  readonly #names: ReadonlyMap<string, string | number>;

  constructor(header: string, section: ConfigSection, env: Environment) {
    this.#section = section;
    this.#env = env;
    const name = header.slice(header.indexOf(":") + 1);
    this.#names = new Map([["program_name", name], ["group_name", name]]);
  }

  /** An option as text, expanded. */
  text(key: string, fallback: string): string {
    return expandWithEnvironment(this.#section.get(key) ?? fallback, this.#env, this.#names);
  }

  /** An option as an integer. */
  integer(key: string, fallback: number): number {
    return parsePythonInteger(this.text(key, String(fallback))) ?? fallback;
  }

  /** An option as text, expanded with further names. */
  expand(key: string, fallback: string, names: ReadonlyMap<string, string | number>): string {
    const value = this.#section.get(key) ?? fallback;
    return expandWithEnvironment(value, this.#env, new Map([...this.#names, ...names]));
  }
}
