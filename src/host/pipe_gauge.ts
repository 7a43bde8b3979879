/**
 * How full a pipe is, and how much it holds, through the C library.
 *
 * Permissions: `--allow-ffi`.
 *
 * @see https://man7.org/linux/man-pages/man7/pipe.7.html
 * @module
 */
import { encodeCStrings, type Libc } from "./libc.ts";

/** open(2): the same numbers on every architecture that Deno runs on. */
const O_RDONLY_NONBLOCK_CLOEXEC = 0o2004000;

/** `FIONREAD` of asm-generic/ioctls.h, and fcntl(2)'s commands. */
const FIONREAD = 0x541bn;
const F_SETPIPE_SZ = 1031;
const F_GETPIPE_SZ = 1032;

/** What anybody may ask for (`/proc/sys/fs/pipe-max-size`); a pipe has 64 KiB else. */
const LARGE_BYTES = 1024 * 1024;

/** One pipe. */
export interface PipeGauge {
  /** How many bytes wait in it. */
  readonly countWaiting: () => number;
  /** Lets go of it. */
  readonly close: () => void;
}

/**
 * Looks into a pipe from now on, and enlarges it: a program that prints much then waits less often.
 *
 * @param libc The C library.
 * @param path A path in `/proc/<pid>/fd` that leads to it.
 * @returns The gauge; `undefined` where it cannot be opened.
 */
export function openPipeGauge(libc: Libc, path: string): PipeGauge | undefined {
  const descriptor = libc.open(encodeCStrings([path])[0]!, O_RDONLY_NONBLOCK_CLOEXEC);
  if (descriptor < 0) return undefined;
  enlargePipe(libc, descriptor);
  const count = new Int32Array(1);
  const buffer = new Uint8Array(count.buffer);
  return {
    countWaiting: () => libc.ioctl(descriptor, FIONREAD, buffer) < 0 ? 0 : count[0] ?? 0,
    close: () => libc.close(descriptor),
  };
}

/**
 * Lets a pipe hold more. What is no pipe, or is large already, stays as it is.
 *
 * @param libc The C library.
 * @param descriptor One of its ends.
 */
export function enlargePipe(libc: Libc, descriptor: number): void {
  const bytes = libc.fcntl(descriptor, F_GETPIPE_SZ, 0n);
  if (bytes > 0 && bytes < LARGE_BYTES) libc.fcntl(descriptor, F_SETPIPE_SZ, BigInt(LARGE_BYTES));
}
