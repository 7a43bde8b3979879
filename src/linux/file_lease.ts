/**
 * Removes files that nobody uses, and asks the kernel itself whether anybody does: a write lease is
 * granted only on a file that nobody else has open or mapped, in whatever process namespace, of whatever
 * user. `/proc` shows less: with a shared `/dev/shm` (`--ipc=host`, a pod's containers) other
 * containers' processes are not in ours.
 *
 * Where leases do not exist (gVisor, `fs.leases-enable=0`), without FFI, and on another user's file
 * nothing is proven, and the file is spared.
 *
 * Permissions: `--allow-ffi`; `--allow-write` of the file.
 *
 * @see https://man7.org/linux/man-pages/man2/F_SETLEASE.2const.html
 * @module
 */
import { type Libc, openDescriptor } from "./libc.ts";

/** `O_NONBLOCK` and `O_CLOEXEC` are the same on both architectures, `O_NOFOLLOW` is not. */
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const O_NOFOLLOW = Deno.build.arch === "aarch64" ? 0o100000 : 0o400000;

/** Commands and values of `linux/fcntl.h`. */
const F_SETSIG = 10;
const F_SETLEASE = 1024;
const F_WRLCK = 1n;

/** What the kernel sends to a holder whose file somebody wants to open; by default it would end us. */
const SIGURG = 23n;

/**
 * Removes a file that nobody has open or mapped. Nobody can open it between the proof and the removal.
 */
export async function removeUnused(path: string, libc: Libc | undefined): Promise<boolean> {
  if (libc === undefined) return false;
  const file = openDescriptor(libc, path, O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return false;
  try {
    if (libc.fcntl(file, F_SETSIG, SIGURG) !== 0) return false;
    if (libc.fcntl(file, F_SETLEASE, F_WRLCK) !== 0) return false;
    await Deno.remove(path);
    return true;
  } catch {
    return false; // Somebody else removed it, or we may not.
  } finally {
    await libc.closeLater(file);
  }
}
