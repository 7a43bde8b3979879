/**
 * Other surroundings for a run, as wrappers of its command: a process namespace of its own, an ordinary
 * user, a read-only root. They need root and namespaces; where those are missing a test is skipped by name (see
 * needs.ts).
 */
import { ROOT } from "./run.ts";

/** An ordinary user that owns nothing. */
export const NOBODY = 65534;

function canRun(command: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(command, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** Why process namespaces cannot be had here; `undefined` where they can. */
export const PID_NAMESPACE_PROBLEM: string | undefined =
  Deno.uid() === 0 && canRun("unshare", "-pf", "--mount-proc", "true")
    ? undefined
    : "needs root and process namespaces";

/** Why mount namespaces cannot be had here; `undefined` where they can. */
export const MOUNT_NAMESPACE_PROBLEM: string | undefined =
  Deno.uid() === 0 && canRun("unshare", "-m", "sh", "-c", "mount -t tmpfs tmpfs /mnt")
    ? undefined
    : "needs root and mount namespaces";

/** Runs the command as PID 1 of a process namespace, with `/proc` to match. */
export const AS_PID_1: readonly string[] = ["unshare", "-pf", "--mount-proc", "--kill-child"];

/** Makes everything read-only except the named directory, which gets a small file system of its own. */
const READ_ONLY = `
writable=$1
shift
mount -t tmpfs -o mode=1777 tmpfs "$writable" || exit 99
while read -r _ _ _ _ point _; do
  case $point in
    "$writable" | /proc | /proc/* | /sys | /sys/* | /dev/pts | /dev/mqueue) ;;
    *) mount -o remount,bind,ro "$point" || exit 99 ;;
  esac
done </proc/self/mountinfo
cd / && exec "$@"`;

/**
 * Makes the root and all else that is mounted read-only for the command.
 *
 * @param writable The one directory that can be written, empty at first.
 * @returns The wrapper.
 */
export function onReadOnlyRoot(writable: string): string[] {
  return ["unshare", "-m", "sh", "-c", READ_ONLY, "sh", writable];
}

/**
 * Gives the command a `/dev/shm` of its own, in a mount namespace: nobody else's segments come and go in it,
 * and what is left can be seen after its end.
 *
 * @param directory What it is from outside; made where it is missing.
 * @returns The wrapper.
 */
export function withSharedMemoryIn(directory: string): string[] {
  const mount = 'mkdir -p "$0" && mount --bind "$0" /dev/shm && exec "$@"';
  return ["unshare", "-m", "sh", "-c", mount, directory];
}

/** Makes directories reachable that lie below others which only root may enter, without changing those. */
const REACHABLE = `
stash=$(mktemp -d) || exit 99
mount -t tmpfs tmpfs "$stash" || exit 99
printf '%s\n' "$1" >"$stash/closed"
number=0
shift
for path in "$@"; do
  [ "$path" = -- ] && break
  number=$((number + 1))
  mkdir "$stash/$number" && mount --bind "$path" "$stash/$number" || exit 99
done
while IFS= read -r closed; do
  [ -z "$closed" ] || mount -t tmpfs -o mode=755 tmpfs "$closed" || exit 99
done <"$stash/closed"
number=0
while [ "$1" != -- ]; do
  number=$((number + 1))
  mkdir -p "$1" && mount --bind "$stash/$number" "$1" || exit 99
  shift
done
shift
umount -l "$stash" && rmdir "$stash"
exec "$@"`;

/** The highest ancestor that others may not enter. */
function findClosed(path: string): string | undefined {
  const parts = path.split("/").slice(1, -1);
  for (let depth = 1; depth <= parts.length; depth++) {
    const ancestor = `/${parts.slice(0, depth).join("/")}`;
    if (((Deno.statSync(ancestor).mode ?? 0) & 0o001) === 0) return ancestor;
  }
  return undefined;
}

function readDenoDirectory(): string {
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

/** A command's first words, and the variables that it needs. */
export interface Wrapped {
  readonly wrapper: string[];
  readonly env: Record<string, string>;
}

/**
 * Makes what a run needs and root's home hides (the interpreter of supervisord, Deno and what it has
 * cached) reachable for other users, in a mount namespace of its own.
 *
 * @param python supervisord's interpreter.
 * @returns The wrapper, and the variables it needs.
 */
export function reachable(python: string): Wrapped {
  const { stdout } = new Deno.Command(python, {
    args: ["-S", "-I", "-c", "import sys; print(sys.prefix); print(sys.base_prefix)"],
  }).outputSync();
  const denoDirectory = readDenoDirectory();
  const needed = [
    ...new TextDecoder().decode(stdout).trim().split("\n"),
    python.replace(/\/bin\/[^/]+$/, ""), // Without site, Python does not tell its virtual environment.
    Deno.execPath().replace(/\/[^/]+$/, ""),
    denoDirectory,
    ROOT,
  ];
  const hidden = [...new Set(needed)].filter((path) => findClosed(path) !== undefined);
  const closed = [...new Set(hidden.map((path) => findClosed(path)))].join("\n");
  return {
    wrapper: ["unshare", "-m", "sh", "-c", REACHABLE, "sh", closed, ...hidden, "--"],
    env: { DENO_DIR: denoDirectory },
  };
}

/**
 * Runs the command as {@linkcode NOBODY}, with all that it needs {@linkcode reachable}.
 *
 * @param python supervisord's interpreter.
 * @returns The wrapper, and the variables it needs.
 */
export function asNobody(python: string): Wrapped {
  const { wrapper, env } = reachable(python);
  const user = ["setpriv", "--reuid", `${NOBODY}`, "--regid", `${NOBODY}`, "--clear-groups"];
  return { wrapper: [...wrapper, ...user], env: { ...env, HOME: "/nonexistent" } };
}

/** Runs the command with the capabilities that Docker leaves to root, so without SYS_PTRACE and SYS_RESOURCE. */
export const WITH_DOCKERS_CAPABILITIES: readonly string[] = [
  "setpriv",
  "--bounding-set",
  "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service," +
  "+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap",
];
