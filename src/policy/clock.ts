/**
 * A clock that stands still while we do not run, so that a deadline counts only time in which what it
 * is for could run too: a frozen container (`docker pause`, a checkpoint, a stopped virtual machine)
 * freezes the engine with us.
 *
 * Pure: it is told the time. Whoever owns it reads it at least every {@linkcode TICK_MS}; a longer gap
 * between two readings is time in which nobody could read it.
 *
 * @module
 */

/** How often it must be read at least, ms. */
export const TICK_MS = 1_000;

/**
 * A gap up to this long is a busy machine or one long look at `/proc`, ms: there the engine ran as well.
 */
export const MAX_GAP_MS = 3_000;

/** Counts the time in which it was read often enough. */
export class SteadyClock {
  #lastMs: number;
  #lostMs = 0;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  /** Reads it. */
  read(nowMs: number): number {
    const gapMs = nowMs - this.#lastMs;
    if (gapMs > MAX_GAP_MS) this.#lostMs += gapMs - TICK_MS;
    this.#lastMs = nowMs;
    return nowMs - this.#lostMs;
  }

  /** All the time so far in which we did not run, ms. */
  get lostMs(): number {
    return this.#lostMs;
  }
}
