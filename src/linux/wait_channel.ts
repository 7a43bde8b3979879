/**
 * What a process that does not answer waits for: somebody to read its output, or something else.
 *
 * The system call it is in says so, where we might trace it (`/proc/<pid>/syscall` asks for more than
 * the same user: capabilities, Yama, gVisor have none of it). Else the name of the kernel's function,
 * for which the same user is enough; else whether our own output is full.
 *
 * Permissions: all of them for `/proc`; `--allow-ffi` for our own output.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_syscall.5.html
 * @see https://man7.org/linux/man-pages/man5/proc_pid_wchan.5.html
 * @module
 */
import { mayReadProc } from "../host/ask_permission.ts";
import type { Libc } from "./libc.ts";
import { lookAt } from "./process_table.ts";

/** What a process waits for. */
export type WaitsFor = "reader" | "other" | "unknown";

/** write(2) and writev(2) on the architectures that Deno runs on. */
const WRITE_CALLS: Readonly<Record<string, ReadonlySet<string>>> = {
  x86_64: new Set(["1", "20"]),
  aarch64: new Set(["64", "66"]),
};

/** The kernel's functions that wait for the reader of a pipe, a terminal, a socket. */
const WRITING =
  /^(anon_)?pipe_write$|^(n_)?tty_write|^n_tty_write|^sock_alloc_send|^unix_stream_send/;

/** Those in which supervisord waits for its programs and for questions, or for a lock. */
const ELSEWHERE = /poll|select|nanosleep|futex|do_wait|do_exit|_signal|ptrace_stop/;

/** What is known of a process's wait, before our own output is looked at. */
export interface WaitFacts {
  /** Its state in `/proc/<pid>/stat`; `undefined` where that is not known. */
  readonly state: string | undefined;
  /** The text of `/proc/<pid>/syscall`; `undefined` where it may not be read. */
  readonly syscall: string | undefined;
  /** The text of `/proc/<pid>/wchan`; `0` and `undefined` tell nothing. */
  readonly wchan: string | undefined;
  /** Deno's name of the architecture. */
  readonly arch: string;
}

/** Tells from `/proc` what a process waits for. */
export function decideWait({ state, syscall, wchan, arch }: WaitFacts): WaitsFor {
  // Stopped, traced, ended or busy: no reader can be what it waits for.
  if (state !== undefined && /^[TtZXR]$/.test(state)) return "other";
  const [call = ""] = syscall?.trim().split(" ") ?? [];
  if (/^\d+$/.test(call)) return WRITE_CALLS[arch]?.has(call) ? "reader" : "other";
  if (wchan !== undefined && WRITING.test(wchan)) return "reader";
  if (wchan !== undefined && ELSEWHERE.test(wchan)) return "other";
  return "unknown";
}

/** Tells what a process that shares our output waits for. */
export async function readWait(pid: number, libc: Libc | undefined): Promise<WaitsFor> {
  const look = lookAt(pid);
  const waits = decideWait({
    state: look.kind === "present" ? look.process.state : undefined,
    syscall: read(`/proc/${pid}/syscall`),
    wchan: read(`/proc/${pid}/wchan`),
    arch: Deno.build.arch,
  });
  return waits === "unknown" && libc !== undefined && await isOutputFull(libc) ? "reader" : waits;
}

const POLLOUT = 4;

/** Whether one of our own stdout and stderr takes nothing at the moment. */
async function isOutputFull(libc: Libc): Promise<boolean> {
  const descriptors = new Uint8Array(16);
  const view = new DataView(descriptors.buffer);
  view.setInt32(0, 1, true);
  view.setInt16(4, POLLOUT, true);
  view.setInt32(8, 2, true);
  view.setInt16(12, POLLOUT, true);
  // Both answer at once where they can be written, or never will be again.
  const ready = await libc.poll(descriptors, 2n, 0);
  return ready >= 0 && ready < 2;
}

function read(path: string): string | undefined {
  if (!mayReadProc()) return undefined;
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}
