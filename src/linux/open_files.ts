/**
 * The soft limit of open files that we were given. `deno run` raises its own to the hard one before our
 * first line, and what it starts would inherit that: 1024 becomes 20,000, or 2^30 where the hard limit is
 * that of Docker, through which a program that closes every descriptor goes one by one.
 *
 * It is not kept anywhere, so this is a conclusion: an executable of `deno compile` raises nothing (seen
 * with 2.6.10); else it is our parent's, as long as its hard limit is ours, for one that ran `ulimit -n`
 * in between set both. As PID 1 there is no parent to ask, and the limit is left as it is.
 *
 * Permissions: all of them for `/proc`; `--allow-ffi` for setrlimit(2).
 *
 * @see https://man7.org/linux/man-pages/man2/getrlimit.2.html
 * @module
 */
import { type Libc, openLibc } from "./libc.ts";
import { mayReadProc } from "../host/ask_permission.ts";

const RLIMIT_NOFILE = 7;

interface Limits {
  readonly soft: number;
  readonly hard: number;
}

/** Parses the line of open files of `/proc/<pid>/limits`. */
export function parseOpenFiles(text: string): Limits | undefined {
  const [, soft, hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(text) ?? [];
  if (soft === undefined || hard === undefined) return undefined;
  const read = (limit: string) => limit === "unlimited" ? Infinity : Number(limit);
  return { soft: read(soft), hard: read(hard) };
}

/** Concludes which soft limit was ours before Deno raised it. */
export function concludeGivenOpenFiles(
  own: Limits,
  parent: Limits | undefined,
  isCompiled: boolean,
): number | undefined {
  if (isCompiled || own.soft < own.hard || parent === undefined) return undefined;
  return parent.hard === own.hard && parent.soft < own.soft ? parent.soft : undefined;
}

/** Reads which soft limit we were given; `undefined` where it is what we have, or is not known. */
export function readGivenOpenFiles(): number | undefined {
  const own = readLimits("self");
  if (own === undefined) return undefined;
  return concludeGivenOpenFiles(own, readLimits(Deno.ppid), Deno.build.standalone);
}

function readLimits(pid: number | "self"): Limits | undefined {
  if (!mayReadProc()) return undefined;
  try {
    return parseOpenFiles(Deno.readTextFileSync(`/proc/${pid}/limits`));
  } catch {
    return undefined;
  }
}

/** Sets our own soft limit of open files. */
export function setOpenFiles(libc: Libc, soft: bigint): bigint | undefined {
  const limits = new BigUint64Array(2);
  if (libc.getrlimit(RLIMIT_NOFILE, limits) !== 0) return undefined;
  const before = limits[0];
  limits[0] = soft;
  return libc.setrlimit(RLIMIT_NOFILE, limits) === 0 ? before : undefined;
}

/**
 * Spawns something under the limit that we were given; ours is lowered for just that long.
 *
 * Without FFI the limit stays.
 */
export function withGivenOpenFiles<T>(spawn: () => T): T {
  const soft = readGivenOpenFiles();
  // Opened only where it is needed: that takes 5 ms, and the engine waits.
  const libc = soft === undefined ? undefined : openLibc();
  if (libc === undefined || soft === undefined) return spawn();
  const before = setOpenFiles(libc, BigInt(soft));
  if (before === undefined) return spawn();
  try {
    return spawn();
  } finally {
    setOpenFiles(libc, before);
  }
}
