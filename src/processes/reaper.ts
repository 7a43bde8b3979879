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
import type { Libc } from "../host/libc.ts";
import type { Logger } from "../log/logger.ts";
import { canReadProcesses, readProcess, readProcesses } from "./process_table.ts";

const WNOHANG = 1;

/**
 * The least time between two looks, ms: a fork bomb sends thousands of SIGCHLD a second, and none of
 * its zombies needs to go sooner.
 */
const LOOK_EVERY_MS = 100;

/** Reaps until it is closed. */
export class Reaper {
  readonly #libc: Libc;
  readonly #ownChildren: ReadonlySet<number>;
  readonly #sessionId: number | undefined;
  readonly #onChild = () => this.#schedule();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastLookMs = -Infinity;

  /**
   * @param libc The C library.
   * @param ownChildren Children whose status Deno waits for; looked at each time.
   * @param sessionId supervisord's session, where nobody else's children may be reaped.
   */
  constructor(libc: Libc, ownChildren: ReadonlySet<number>, sessionId: number | undefined) {
    this.#libc = libc;
    this.#ownChildren = ownChildren;
    this.#sessionId = sessionId;
    Deno.addSignalListener("SIGCHLD", this.#onChild);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const waitMs = Math.max(0, this.#lastLookMs + LOOK_EVERY_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.reap();
    }, waitMs);
  }

  /** Reaps every orphan that is a zombie now. */
  reap(): void {
    this.#lastLookMs = performance.now();
    const status = new Uint8Array(4);
    for (const pid of readChildren()) {
      const process = readProcess(pid);
      if (process?.state !== "Z" || this.#ownChildren.has(pid)) continue;
      if (this.#sessionId !== undefined && process.sessionId !== this.#sessionId) continue;
      this.#libc.waitpid(pid, status, WNOHANG);
    }
  }

  /** Reaps a last time, and stops: what we leave is left to our own parent. */
  close(): void {
    Deno.removeSignalListener("SIGCHLD", this.#onChild);
    clearTimeout(this.#timer);
    this.reap();
  }
}

/** prctl(2): orphaned descendants become our children, as they do of PID 1. */
const PR_SET_CHILD_SUBREAPER = 36;

/**
 * Begins to adopt and reap what the engine and others orphan. That also tells whose orphans they are.
 *
 * @param libc The C library, `undefined` where FFI is not permitted.
 * @param ownChildren Children whose status Deno waits for; looked at each time.
 * @param sessionId supervisord's session, where this process has children of its own, whose status must
 * not be taken from it; `undefined` where it has none.
 * @param log Told where PID 1 cannot do its duty.
 * @returns The reaper; `undefined` where it is not possible.
 */
export function adoptOrphans(
  libc: Libc | undefined,
  ownChildren: ReadonlySet<number>,
  sessionId: number | undefined,
  log: Logger,
): Reaper | undefined {
  if (libc !== undefined) {
    if (!canReadProcesses()) {
      log.warn("Cannot read /proc without -A: only the engine's process group is swept");
    }
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n);
    return new Reaper(libc, ownChildren, sessionId);
  }
  if (Deno.pid === 1) {
    log.warn(
      "Cannot reap zombies as PID 1 without --allow-ffi: give it -A, start the container with --init, " +
        "or put tini first",
    );
  }
  return undefined;
}

/** Our children; orphans are handed to the main thread, so its list has them all. */
function readChildren(): number[] {
  try {
    return Deno.readTextFileSync(`/proc/${Deno.pid}/task/${Deno.pid}/children`)
      .split(" ").filter((text) => text !== "").map(Number);
  } catch {
    // A kernel without CONFIG_PROC_CHILDREN.
    return readProcesses().filter(({ parentPid }) => parentPid === Deno.pid).map(({ pid }) => pid);
  }
}
