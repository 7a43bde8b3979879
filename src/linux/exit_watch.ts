/**
 * Tells at once when a process that is not our child has died, and how it ended.
 *
 * With FFI a thread waits for a pidfd, which becomes readable when the process is a zombie, that is, when its
 * parent can reap it: nothing is polled and nothing is late. Without FFI its state is
 * read from `/proc` every {@linkcode POLL_MS}.
 *
 * How it ended is its parent's to know, and ours only by the way: the zombie's `/proc/<pid>/stat` has
 * its wait status where we might trace it (the same user, or root with CAP_SYS_PTRACE), and since Linux
 * 6.15 the pidfd keeps it when the parent was faster.
 *
 * Permissions: `--allow-ffi`, or all of them for `/proc` (Deno wants `--allow-all` for that).
 *
 * @see https://man7.org/linux/man-pages/man2/pidfd_open.2.html
 * @module
 */
import type { Libc } from "./libc.ts";
import { type Exit, parseWaitStatus } from "../formats/exit.ts";
import { canReadProcesses, isOver, isSame, lookAt } from "./process_table.ts";
import { mayReadProc } from "../host/ask_permission.ts";
import { watchReadable } from "./readiness.ts";

/** How often `/proc` is read without FFI, ms: a tenth of what a restart takes anyway for any engine. */
export const POLL_MS = 50;

/** The same number on every architecture, as for every system call added since 5.1. */
const SYS_PIDFD_OPEN = 434n;

/** `_IOWR(0xFF, 11, struct pidfd_info)` of linux/pidfd.h, with the structure's first size of 64 bytes. */
const PIDFD_GET_INFO = 0xc040ff0bn;

/** The bit of `pidfd_info.mask` for `exit_code`, asked for and granted, and where that lies. */
const PIDFD_INFO_EXIT = 8n;
const PIDFD_INFO_SIZE = 64;
const PIDFD_EXIT_CODE = 60;

/** A watch that can be given up. */
export interface ExitWatch {
  /**
   * Resolves when the process is dead, or the watch was given up: with how it ended where that can be
   * seen. "Exit code 0" also stands for what may not be known.
   */
  readonly ended: Promise<Exit | undefined>;
  /** Gives the watch up. */
  readonly cancel: () => void;
}

/** Watches a process. */
export function watchExit(pid: number, libc: Libc | undefined): ExitWatch {
  return (libc === undefined ? undefined : watchPidfd(pid, libc)) ?? watchProc(pid);
}

function watchPidfd(pid: number, libc: Libc): ExitWatch | undefined {
  const pidfd = Number(libc.syscall(SYS_PIDFD_OPEN, BigInt(pid), 0n));
  if (pidfd < 0) return undefined;
  const readiness = watchReadable(libc, pidfd);
  if (readiness === undefined) {
    libc.close(pidfd);
    return undefined;
  }
  const wait = async () => {
    const isDead = await readiness.wait();
    // At once: nothing has told the parent yet, unless its child's closed pipes did.
    const exit = isDead ? readZombie(pid) ?? readReaped(pidfd, libc) : undefined;
    readiness.close();
    libc.close(pidfd);
    return exit;
  };
  return { ended: wait(), cancel: () => readiness.close() };
}

/** How a zombie ended; `undefined` once it is reaped. */
function readZombie(pid: number): Exit | undefined {
  if (!mayReadProc()) return undefined;
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Field 52 of the file is exit_code, and fields[0] is its third.
    return fields[0] === "Z" ? parseWaitStatus(Number(fields[49])) : undefined;
  } catch {
    return undefined;
  }
}

/** How a process ended that its parent has reaped; `undefined` before Linux 6.15. */
function readReaped(pidfd: number, libc: Libc): Exit | undefined {
  const info = new DataView(new ArrayBuffer(PIDFD_INFO_SIZE));
  info.setBigUint64(0, PIDFD_INFO_EXIT, true);
  const result = libc.ioctl(pidfd, PIDFD_GET_INFO, new Uint8Array(info.buffer));
  if (result < 0 || (info.getBigUint64(0, true) & PIDFD_INFO_EXIT) === 0n) return undefined;
  return parseWaitStatus(info.getInt32(PIDFD_EXIT_CODE, true));
}

function watchProc(pid: number): ExitWatch {
  const { promise, resolve } = Promise.withResolvers<Exit | undefined>();
  const first = lookAt(pid);
  // What cannot be seen never ends here; then the heartbeat has to find out.
  if (first.kind === "unknown" && !canReadProcesses()) {
    return { ended: promise, cancel: () => resolve(undefined) };
  }
  const timer = setInterval(() => {
    const look = lookAt(pid);
    if (look.kind === "unknown") return;
    const isOther = look.kind === "present" && first.kind === "present" &&
      !isSame(look.process, first.process);
    if (look.kind === "gone" || isOver(look.process) || isOther) stop();
  }, POLL_MS);
  const stop = () => {
    clearInterval(timer);
    resolve(readZombie(pid));
  };
  if (first.kind === "gone") stop();
  return { ended: promise, cancel: stop };
}
