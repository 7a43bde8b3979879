/**
 * Waits until descriptors can be read, all of them in one thread.
 *
 * Deno has 32 threads for calls that block, and needs them itself to write to our output and to read files:
 * with one that waits for each of 32 processes nothing of that happens any more (seen with 2.9.6).
 *
 * Permissions: `--allow-ffi`.
 *
 * @see https://man7.org/linux/man-pages/man7/epoll.7.html
 * @module
 */
import type { Libc } from "./libc.ts";

const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL = { add: 1, remove: 2, change: 3 } as const;

/** One event, after which nothing more is told until it is asked for: who writes wakes nobody meanwhile. */
const EPOLLIN_ONESHOT = 0x4000_0001;

/** eventfd(2): the same number on every architecture that Deno runs on. Children must not inherit it. */
const EFD_CLOEXEC = 0o2000000;

/** `struct epoll_event` has no padding on x86-64 alone. */
const [EVENT_BYTES, KEY_AT] = Deno.build.arch === "x86_64" ? [12, 4] : [16, 8];

/** So many at once are told of. */
const MAX_EVENTS = 64;

/** One descriptor. */
export interface Readiness {
  /** Waits, one at a time. */
  readonly wait: () => Promise<boolean>;
  /** Ends the wait, and lets go; the descriptor stays open. */
  readonly close: () => void;
}

/** Everybody's descriptors, and the thread. */
class Poller {
  readonly #libc: Libc;
  readonly #epoll: number;
  /** Can always be read: watched when nobody is left, so that the thread ends. */
  readonly #end: number;
  /** Who waits, or may. A number is never used again: what is told late is told to nobody. */
  readonly #waits = new Map<number, ((isReadable: boolean) => void) | undefined>();
  #lastKey = 0;
  #isOver = false;

  constructor(libc: Libc, epoll: number, end: number) {
    this.#libc = libc;
    this.#epoll = epoll;
    this.#end = end;
  }

  /** Whether nobody is left, so that its thread ends. */
  get isOver(): boolean {
    return this.#isOver;
  }

  watch(descriptor: number): Readiness | undefined {
    const key = ++this.#lastKey;
    if (!this.#control(EPOLL_CTL.add, descriptor, 0, key)) return undefined;
    this.#waits.set(key, undefined);
    if (this.#waits.size === 1) this.#run().catch(() => this.#giveUp());
    return {
      wait: () => {
        const { promise, resolve } = Promise.withResolvers<boolean>();
        const isWatched = this.#waits.has(key) &&
          this.#control(EPOLL_CTL.change, descriptor, EPOLLIN_ONESHOT, key);
        if (isWatched) this.#waits.set(key, resolve);
        else resolve(false);
        return promise;
      },
      close: () => {
        if (!this.#waits.has(key)) return;
        this.#control(EPOLL_CTL.remove, descriptor, 0, key);
        this.#waits.get(key)?.(false);
        this.#waits.delete(key);
        if (this.#waits.size === 0) this.#stop();
      },
    };
  }

  #control(operation: number, descriptor: number, events: number, key: number): boolean {
    const event = new DataView(new ArrayBuffer(EVENT_BYTES));
    event.setUint32(0, events, true);
    event.setUint32(KEY_AT, key, true);
    return this.#libc.epoll_ctl(this.#epoll, operation, descriptor, event) === 0;
  }

  async #run(): Promise<void> {
    const events = new DataView(new ArrayBuffer(EVENT_BYTES * MAX_EVENTS));
    while (!this.#isOver) {
      // Ends early with EINTR, and then there are none.
      const count = await this.#libc.epoll_wait(this.#epoll, events, MAX_EVENTS, -1);
      for (let at = 0; at < count * EVENT_BYTES; at += EVENT_BYTES) {
        const key = events.getUint32(at + KEY_AT, true);
        const resolve = this.#waits.get(key);
        if (resolve !== undefined) this.#waits.set(key, undefined);
        resolve?.(true);
      }
    }
    this.#libc.close(this.#epoll);
    this.#libc.close(this.#end);
  }

  /** Whoever waits is told that nothing is watched any more. */
  #giveUp(): void {
    for (const resolve of this.#waits.values()) resolve?.(false);
    this.#waits.clear();
    this.#isOver = true;
  }

  #stop(): void {
    this.#isOver = true;
    this.#control(EPOLL_CTL.add, this.#end, EPOLLIN_ONESHOT, 0);
  }
}

let poller: Poller | undefined;

/** Watches a descriptor: a pipe, a socket, an eventfd or a pidfd. */
export function watchReadable(libc: Libc, descriptor: number): Readiness | undefined {
  if (poller === undefined || poller.isOver) poller = openPoller(libc);
  return poller?.watch(descriptor);
}

/** All that its end takes too: nothing may be missing then. */
function openPoller(libc: Libc): Poller | undefined {
  const epoll = libc.epoll_create1(EPOLL_CLOEXEC);
  const end = epoll < 0 ? -1 : libc.eventfd(1, EFD_CLOEXEC);
  if (end >= 0) return new Poller(libc, epoll, end);
  if (epoll >= 0) libc.close(epoll);
  return undefined;
}
