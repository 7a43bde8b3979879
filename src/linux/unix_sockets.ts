/**
 * Whether anybody still listens on a Unix socket's file.
 *
 * @module
 */
import { isGranted, mayReadAndWrite, mayReadProc } from "../host/ask_permission.ts";

/**
 * Reads the paths that sockets of this network namespace are bound to.
 *
 * Permissions: all of them, for `/proc`.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_net.5.html
 */
export async function readBoundPaths(): Promise<ReadonlySet<string> | undefined> {
  if (!mayReadProc()) return undefined;
  try {
    return parseBoundPaths(await Deno.readTextFile("/proc/net/unix"));
  } catch {
    return undefined;
  }
}

/** Parses `/proc/net/unix`. */
export function parseBoundPaths(text: string): ReadonlySet<string> {
  // Num RefCount Protocol Flags Type St Inode Path
  const paths = text.split("\n").flatMap((line) => /^(?:\S+ +){7}(\/.*)$/.exec(line)?.[1] ?? []);
  return new Set(paths);
}

/**
 * Tells whether nobody listens on a socket's file, also in another network namespace: a connection is
 * refused. To be asked only of what is not in {@linkcode readBoundPaths}, since who does listen gets a
 * connection that ends at once.
 *
 * Permissions: `--allow-net`; `--allow-read` and `--allow-write` of the file.
 */
export async function isDeserted(path: string): Promise<boolean> {
  if (!isGranted({ name: "net" }) || !mayReadAndWrite(path)) return false;
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return false;
  } catch (error) {
    return error instanceof Deno.errors.ConnectionRefused;
  }
}
