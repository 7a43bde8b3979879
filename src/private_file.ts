/**
 * Files that only their owner may read, and that are never seen half-written.
 *
 * Permissions: `--allow-read` and `--allow-write` of the file's directory.
 *
 * @module
 */

import { findDirectory } from "./paths.ts";

/**
 * Writes a file under a temporary name beside its own, mode 0600, and renames it. Missing parents
 * are made.
 *
 * @param path Where.
 * @param text What.
 * @throws {Deno.errors.IsADirectory} If a directory stands there.
 * @throws {Error} If it cannot be written, as Deno says it.
 */
export function writePrivateFile(path: string, text: string): void {
  const target = resolveTarget(path);
  const directory = findDirectory(target);
  Deno.mkdirSync(directory, { recursive: true });
  // Made with mode 0600 and a name that nobody can guess.
  const temporary = Deno.makeTempFileSync({ dir: directory, prefix: ".standard-supervisor-" });
  try {
    Deno.writeTextFileSync(temporary, text);
    Deno.renameSync(temporary, target);
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch { /* the first error is the one to tell */ }
    throw error;
  }
}

/** Follows links, so that the file is replaced and not the link, and a device like /dev/stdout never. */
function resolveTarget(path: string): string {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return path;
    throw error;
  }
  if (info.isDirectory) throw new Deno.errors.IsADirectory(`${path} is a directory`);
  if (!info.isFile) throw new Deno.errors.InvalidData(`${path} is not a regular file`);
  return Deno.realPathSync(path);
}
