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
 * are made. A file that cannot be replaced, since it is mounted by itself, or is our own in a directory
 * that is not, is written in place.
 *
 * @throws {Deno.errors.IsADirectory} If a directory stands there.
 * @throws {Deno.errors.PermissionDenied} If it leads through a link that another user has put there.
 * @throws {Error} If it cannot be written, as Deno says it.
 */
export function writePrivateFile(path: string, text: string): void {
  const target = resolveTarget(path);
  try {
    replaceFile(target, text);
  } catch (error) {
    if (!isFixed(target, error)) throw error;
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

/**
 * Whether a file stands there that can only be written in place: a mount point cannot be renamed over
 * (EBUSY), and beside it a directory may take no new file. Where it is but the directory that is closed to
 * us, the file must be our own: another user's would give what is written away.
 */
function isFixed(target: string, error: unknown): boolean {
  const code = error instanceof Error ? (error as Error & { readonly code?: string }).code : "";
  try {
    const { isFile, uid } = Deno.statSync(target);
    if (code === "EBUSY" || code === "EROFS") return isFile;
    return isFile && (code === "EACCES" || code === "EPERM") && uid === Deno.uid();
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
