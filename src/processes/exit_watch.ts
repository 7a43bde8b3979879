/**
 * Tells at once when a process that is not our child has died.
 *
 * With FFI a thread waits in poll(2) on a pidfd, which becomes readable when the process is a zombie,
 * that is, when its parent can reap it: nothing is polled and nothing is late. Without FFI its state is
 * read from `/proc` every {@linkcode POLL_MS}.
 *
 * Permissions: `--allow-ffi`, or all of them for `/proc` (Deno wants `--allow-all` for that).
 *
 * @see https://man7.org/linux/man-pages/man2/pidfd_open.2.html
 * @module
 */
import type { Libc } from "../host/libc.ts";
import { canReadProcesses, isOver, lookAt } from "./process_table.ts";

/** How often `/proc` is read without FFI, ms: a tenth of what a restart takes anyway for any engine. */
export const POLL_MS = 50;

/** The same number on every architecture, as for every system call added since 5.1. */
const SYS_PIDFD_OPEN = 434n;
const POLLIN = 1;

/** A watch that can be given up. */
export interface ExitWatch {
  /** Resolves when the process is dead, or the watch was given up. */
  readonly ended: Promise<void>;
  /** Gives the watch up. */
  readonly cancel: () => void;
}

/**
 * Watches a process.
 *
 * @param pid The process.
 * @param libc The C library, `undefined` where FFI is not permitted.
 * @returns The watch; it has ended at once where there is no such process.
 */
export function watchExit(pid: number, libc: Libc | undefined): ExitWatch {
  return (libc === undefined ? undefined : watchPidfd(pid, libc)) ?? watchProc(pid);
}

function watchPidfd(pid: number, libc: Libc): ExitWatch | undefined {
  const pidfd = Number(libc.syscall(SYS_PIDFD_OPEN, BigInt(pid), 0n));
  if (pidfd < 0) return undefined;
  const cancelFd = libc.eventfd(0, 0);
  const descriptors = new Uint8Array(16);
  const view = new DataView(descriptors.buffer);
  const littleEndian = true; // Every architecture that Deno runs on.
  view.setInt32(0, pidfd, littleEndian);
  view.setInt16(4, POLLIN, littleEndian);
  view.setInt32(8, cancelFd, littleEndian);
  view.setInt16(12, POLLIN, littleEndian);
  let waiting = true;
  const wait = async () => {
    // poll(2) ends early with EINTR; only a readable descriptor is an answer.
    while (await libc.poll(descriptors, 2n, -1) < 0);
    waiting = false;
    libc.close(pidfd);
    libc.close(cancelFd);
  };
  return {
    ended: wait(),
    cancel: () => {
      if (waiting) libc.write(cancelFd, new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]), 8n);
    },
  };
}

function watchProc(pid: number): ExitWatch {
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = lookAt(pid);
  // What cannot be seen never ends here; then the heartbeat has to find out.
  if (first.kind === "unknown" && !canReadProcesses()) return { ended: promise, cancel: resolve };
  const timer = setInterval(() => {
    const look = lookAt(pid);
    if (look.kind === "unknown") return;
    const isSame = look.kind === "present" &&
      (first.kind !== "present" || look.process.startTicks === first.process.startTicks);
    if (look.kind === "gone" || isOver(look.process) || !isSame) stop();
  }, POLL_MS);
  const stop = () => {
    clearInterval(timer);
    resolve();
  };
  if (first.kind === "gone") stop();
  return { ended: promise, cancel: stop };
}
