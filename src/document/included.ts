/**
 * What files of `[include]` add to a document: supervisord reads them after it, and the last word wins.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { escapePercent } from "../formats/expansion.ts";
import { escapeSpace } from "../formats/glob.ts";
import { DEFAULT_SECTION } from "../formats/parse_ini.ts";
import { isPythonSpace } from "../formats/python_text.ts";
import type { ConfigDocument } from "../formats/render.ts";
import { expandWithEnvironment } from "./section_reader.ts";

/** One file that was read. */
export interface IncludedFile {
  /** Where it lies: what `%(here)s` means in it. */
  readonly directory: string;
  /** Its values by section and key. */
  readonly sections: ConfigDocument;
}

/** What the patterns of `[include]` are made of. */
export interface IncludeContext {
  /** The directory of the file with the `[include]`. */
  readonly here: string;
  /** The environment, for `%(ENV_X)s`. */
  readonly env: Environment;
  /** What `%(host_node_name)s` stands for. */
  readonly hostName: string;
}

/** Cuts at white space as Python does. */
function splitWords(text: string): string[] {
  const words = [""];
  for (const character of text) {
    words.push(isPythonSpace(character) ? "" : (words.pop() ?? "") + character);
  }
  return words.filter((word) => word !== "");
}

/** Lists the patterns of `[include]`, expanded and then cut at white space, as supervisord does. */
export function listIncludePatterns(document: ConfigDocument, context: IncludeContext): string[] {
  const { here, env, hostName } = context;
  const names = new Map([["here", here], ["host_node_name", hostName]]);
  const files = expandWithEnvironment(document.get("include")?.get("files") ?? "", env, names);
  return splitWords(files).map((pattern) =>
    pattern.startsWith("/") ? pattern : escapeSpace(`${here === "/" ? "" : here}/${pattern}`)
  );
}

/**
 * Writes out `%(here)s`, since supervisord reads a copy that lies elsewhere than the user's file.
 */
export function placeHere(value: string, here: string): string {
  return value.replace(
    /%(?:%|\(here\)s)/g,
    (found) => found === "%%" ? found : escapePercent(here),
  );
}

/** Merges a document with what it includes: what supervisord will hold to be true. */
export function mergeIncluded(
  document: ConfigDocument,
  here: string,
  files: readonly IncludedFile[],
): ConfigDocument {
  const merged = new Map(
    [...document].map(([name, section]) => [
      name,
      new Map([...section].map(([key, value]) => [key, placeHere(value, here)])),
    ]),
  );
  const defaults = new Map<string, string>();
  for (const { directory, sections } of files) {
    for (const [name, section] of sections) {
      const values = name === DEFAULT_SECTION ? defaults : merged.get(name) ?? new Map();
      if (values !== defaults) merged.set(name, values);
      for (const [key, value] of section) {
        // As text, before any percent sign is looked at.
        values.set(key, value.replaceAll("%(here)s", directory));
      }
    }
  }
  if (defaults.size === 0) return merged;
  return new Map([...merged].map(([name, section]) => [name, new Map([...defaults, ...section])]));
}

/** Lays a document over another. */
export function overlayDocument(document: ConfigDocument, over: ConfigDocument): ConfigDocument {
  const merged = new Map(document);
  for (const [name, section] of over) {
    merged.set(name, new Map([...document.get(name) ?? [], ...section]));
  }
  return merged;
}
