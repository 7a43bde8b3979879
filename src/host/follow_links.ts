/**
 * Links on the way to a file, followed one by one, but not where another user could have put them to
 * lead us astray.
 *
 * Permissions: `--allow-read` of the way, `--allow-sys=uid`.
 *
 * @module
 */
import { toAbsolute } from "./absolute_path.ts";
import { isGranted } from "./ask_permission.ts";

/** More links than this are a loop, as the kernel says too. */
const MAX_LINKS = 40;

const STICKY = 0o1000;
const WRITABLE_BY_OTHERS = 0o002;

/**
 * Tells whether a link may be followed: the rule of the kernel's `fs.protected_symlinks`, which not
 * every machine has switched on.
 *
 * @see https://docs.kernel.org/admin-guide/sysctl/fs.html#protected-symlinks
 */
export function mayFollow(
  link: Pick<Deno.FileInfo, "uid">,
  directory: Pick<Deno.FileInfo, "uid" | "mode">,
  uid: number | null,
): boolean {
  const shared = STICKY | WRITABLE_BY_OTHERS;
  if (((directory.mode ?? 0) & shared) !== shared) return true;
  return link.uid === uid || link.uid === directory.uid;
}

/**
 * Finds where a path leads, past links in any of its parts.
 *
 * @throws {Deno.errors.PermissionDenied} If it leads through a link that may not be followed.
 * @throws {Deno.errors.FilesystemLoop} If it leads through too many.
 */
export function followLinks(path: string, check: (place: string) => void): string {
  const absolute = toAbsolute(path);
  let waiting = splitPath(absolute);
  let place = "";
  let links = 0;
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (name === "..") {
      place = place.slice(0, Math.max(place.lastIndexOf("/"), 0));
      continue;
    }
    const next = `${place}/${name}`;
    check(next);
    const info = lookAt(next, waiting.length === 0);
    if (info?.isSymlink !== true) {
      place = next;
      continue;
    }
    if (++links > MAX_LINKS) {
      throw new Deno.errors.FilesystemLoop(`${path} leads through too many links`);
    }
    if (!mayFollow(info, Deno.statSync(place || "/"), Deno.uid())) {
      throw new Deno.errors.PermissionDenied(
        `${next} is a symbolic link that user ${info.uid} made where anybody may write`,
      );
    }
    const target = Deno.readLinkSync(next);
    if (target.startsWith("/")) place = "";
    waiting = [...splitPath(target), ...waiting];
  }
  return place === "" ? "/" : place;
}

function splitPath(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

function lookAt(path: string, isLast: boolean): Deno.FileInfo | undefined {
  if (!isLast && !isGranted({ name: "read", path })) return undefined;
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
