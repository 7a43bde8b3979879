/**
 * Files by a pattern, as Python's `glob.glob` finds them.
 *
 * Permissions: `--allow-read` of the directories that are named.
 *
 * @module
 */
import { findDirectory } from "../formats/paths.ts";
import { compileGlob, hasMagic } from "../formats/glob.ts";

/** Finds what a pattern matches. */
export function findFiles(pattern: string): string[] {
  return [...new Set(expand(pattern))].sort();
}

function expand(pattern: string): string[] {
  if (!hasMagic(pattern)) return exists(pattern) ? [pattern] : [];
  const directory = findDirectory(pattern);
  const name = pattern.slice(pattern.lastIndexOf("/") + 1);
  const directories = hasMagic(directory) ? expand(directory) : [directory];
  return directories.flatMap((found) => {
    const prefix = found === "/" ? "" : found;
    if (!hasMagic(name)) return exists(`${prefix}/${name}`) ? [`${prefix}/${name}`] : [];
    const isMatch = compileGlob(name);
    return listNames(found)
      .filter((entry) => isMatch.test(entry) && (name.startsWith(".") || !entry.startsWith(".")))
      .map((entry) => `${prefix}/${entry}`);
  });
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function listNames(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)].map(({ name }) => name);
  } catch {
    return [];
  }
}
