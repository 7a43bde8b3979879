/**
 * Adopts and reaps orphans: as PID 1 the kernel hands them to us, else we ask it to.
 *
 * Only zombies that are our children and not Deno's: each by its own pid, never with -1, so that
 * Deno still gets the status of what it spawned.
 *
 * Permissions: `--allow-ffi` for waitpid(2), all of them for `/proc`.
 *
 * @see https://man7.org/linux/man-pages/man2/wait.2.html
 * @module
 */
import type { Libc } from "../linux/libc.ts";
import { lookAt, type ProcessEntry, readChildren } from "../linux/process_table.ts";

const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x01000000;
const P_ALL = 0;

/** Where `si_pid` lies in a `siginfo_t` of a 64-bit Linux, and how long that is. */
const SIGINFO = { bytes: 128, pid: 16 } as const;

/**
 * The least time between two looks, ms: a fork bomb sends thousands of SIGCHLD a second, and none of
 * its zombies needs to go sooner.
 */
const POLL_INTERVAL_MS = 100;

/** Reaps until it is closed. */
export class Reaper {
  readonly #libc: Libc;
  readonly #ownChildren: ReadonlySet<number>;
  readonly #isOurs: ((zombie: ProcessEntry) => boolean) | undefined;
  readonly #onChild = () => this.#schedule();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastLookMs = -Infinity;

  constructor(
    libc: Libc,
    ownChildren: ReadonlySet<number>,
    isOurs: ((zombie: ProcessEntry) => boolean) | undefined,
  ) {
    this.#libc = libc;
    this.#ownChildren = ownChildren;
    this.#isOurs = isOurs;
    Deno.addSignalListener("SIGCHLD", this.#onChild);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const waitMs = Math.max(0, this.#lastLookMs + POLL_INTERVAL_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.reap();
    }, waitMs);
  }

  /** Reaps every orphan that is a zombie now. */
  reap(): void {
    this.#lastLookMs = performance.now();
    // Orphans are handed to the main thread, so its list has them all.
    const children = readChildren(Deno.pid, Deno.pid);
    if (children === undefined) {
      this.#reapUnseen();
      return;
    }
    for (const pid of children) {
      if (this.#ownChildren.has(pid)) continue;
      const look = lookAt(pid);
      if (look.kind !== "present" || look.process.state !== "Z") continue;
      if (this.#isOurs?.(look.process) ?? true) this.#wait(pid);
    }
  }

  #wait(pid: number): void {
    this.#libc.waitpid(pid, new Uint8Array(4), WNOHANG);
  }

  /** Without `/proc`: the kernel names one zombie after another, and leaves it for now. */
  #reapUnseen(): void {
    if (this.#isOurs !== undefined) return; // Whose it is cannot be told.
    const info = new Uint8Array(SIGINFO.bytes);
    for (;;) {
      info.fill(0);
      if (this.#libc.waitid(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT) !== 0) return;
      const pid = new DataView(info.buffer).getInt32(SIGINFO.pid, true);
      if (pid === 0) return;
      if (this.#ownChildren.has(pid)) {
        this.#schedule(); // Deno will have it in a moment, and the next one shows then.
        return;
      }
      this.#wait(pid);
    }
  }

  /** Reaps a last time, and stops: what we leave is left to our own parent. */
  close(): void {
    Deno.removeSignalListener("SIGCHLD", this.#onChild);
    this.reap();
    clearTimeout(this.#timer);
  }
}

/** prctl(2): orphaned descendants become our children, as they do of PID 1. */
const PR_SET_CHILD_SUBREAPER = 36;

/** Asks the kernel to hand us what our descendants orphan. */
export function adoptOrphans(libc: Libc | undefined): boolean {
  if (Deno.pid === 1) return true;
  return libc !== undefined && libc.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n) === 0;
}
