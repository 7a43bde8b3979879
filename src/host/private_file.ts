/**
 * Files that only their owner may read, and that are never seen half-written.
 *
 * Permissions: `--allow-read` and `--allow-write` of the file's directory.
 *
 * @module
 */

import { findDirectory } from "../formats/paths.ts";

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

/** More links than this are a loop, as the kernel says too. */
const MOST_LINKS = 40;

/** Where files are not files: /dev/stdout leads to whatever the container's output is. */
const SPECIAL = /^\/(proc|sys|dev)(\/(?!shm\/)|$)/;

/** Follows links, so that the file is replaced and not the link; what is no regular file never is. */
function resolveTarget(path: string): string {
  let target = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    if (SPECIAL.test(target)) throw new Deno.errors.InvalidData(`${target} is not a regular file`);
    let info: Deno.FileInfo;
    try {
      info = Deno.lstatSync(target);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return target;
      throw error;
    }
    if (info.isDirectory) throw new Deno.errors.IsADirectory(`${target} is a directory`);
    if (info.isFile) return target;
    if (!info.isSymlink) throw new Deno.errors.InvalidData(`${target} is not a regular file`);
    const link = Deno.readLinkSync(target);
    target = link.startsWith("/") ? link : `${findDirectory(target)}/${link}`;
  }
  throw new Deno.errors.FilesystemLoop(`${path} leads through too many links`);
}
