/**
 * Files that only their owner may read, and that are never seen half-written.
 *
 * Permissions: `--allow-read` and `--allow-write` of the file's directory, `--allow-sys=uid`.
 *
 * @module
 */

import { findDirectory } from "../formats/paths.ts";
import { followLinks } from "./follow_links.ts";

/**
 * Writes a file under a temporary name beside its own, mode 0600, and renames it. Missing parents
 * are made. A file that cannot be replaced, since it is mounted by itself or its directory cannot be
 * written, is written in place.
 *
 * @param path Where.
 * @param text What.
 * @throws {Deno.errors.IsADirectory} If a directory stands there.
 * @throws {Deno.errors.PermissionDenied} If it leads through a link that another user has put there.
 * @throws {Error} If it cannot be written, as Deno says it.
 */
export function writePrivateFile(path: string, text: string): void {
  const target = resolveTarget(path);
  try {
    replaceFile(target, text);
  } catch (error) {
    if (!cannotBeReplaced(error) || !exists(target)) throw error;
    writeInPlace(target, text);
  }
}

function replaceFile(target: string, text: string): void {
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

/** A mount point cannot be renamed over (EBUSY); beside it, a read-only directory takes no new file. */
function cannotBeReplaced(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as Error & { readonly code?: string };
  return code === "EBUSY" || code === "EROFS" || code === "EACCES" || code === "EPERM";
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Kept from others before anything stands in it, where it is ours to keep. */
function writeInPlace(target: string, text: string): void {
  try {
    Deno.chmodSync(target, 0o600);
  } catch { /* It belongs to another user, who lets us write. */ }
  Deno.writeTextFileSync(target, text, { create: false });
}

/** Where files are not files: /dev/stdout leads to whatever the container's output is. */
const SPECIAL = /^\/(?:proc|sys)(?:\/|$)|^\/dev\/(?!shm(?:\/|$))/;

/** Follows links, so that the file is replaced and not the link; what is no regular file never is. */
function resolveTarget(path: string): string {
  if (path.endsWith("/")) throw new Deno.errors.IsADirectory(`${path} is a directory`);
  const target = followLinks(path, (place) => {
    if (SPECIAL.test(place)) throw new Deno.errors.InvalidData(`${place} holds no regular files`);
  });
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(target);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return target;
    throw error;
  }
  if (info.isDirectory) throw new Deno.errors.IsADirectory(`${target} is a directory`);
  if (!info.isFile) throw new Deno.errors.InvalidData(`${target} is not a regular file`);
  return target;
}
