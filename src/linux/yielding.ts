/**
 * Long looks in short pieces, so that nothing else waits for them.
 *
 * @module
 */

/** How long the loop may be held at a time, ms: a restart must not wait for a look at 20,000 processes. */
const SLICE_MS = 2;

/** Counts how long one look holds the loop, and lets go of it in time. */
export class Slices {
  #sinceMs = performance.now();
  #usedMs = 0;

  /** How long the loop has been held so far, ms. */
  get usedMs(): number {
    return this.#usedMs + performance.now() - this.#sinceMs;
  }

  /** Lets others go first where it is their turn. Cheap enough to call for each process. */
  async pause(): Promise<void> {
    const heldMs = performance.now() - this.#sinceMs;
    if (heldMs < SLICE_MS) return;
    await this.wait(new Promise((resolve) => setTimeout(resolve)));
  }

  /** Waits for something that does not hold the loop. */
  async wait<T>(work: Promise<T>): Promise<T> {
    this.#usedMs += performance.now() - this.#sinceMs;
    try {
      return await work;
    } finally {
      this.#sinceMs = performance.now();
    }
  }
}
