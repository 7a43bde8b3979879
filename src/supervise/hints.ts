/**
 * Paces questions: what is urgent is asked at once, a mere hint only so often.
 *
 * A question wakes supervisord's loop, and its loop restarts programs that it manages itself. One that
 * dies at once with `startsecs=0` would write a line, be hinted at, and be restarted by the question,
 * some hundred times a second.
 *
 * @module
 */
import type { Wakeup } from "./wakeup.ts";

/** Questions that hints may cause at once after a quiet time. */
const BURST = 10;

/** And how long one of them takes to be earned back, ms: supervisord's own tick. */
const REFILL_MS = 1_000;

/** Hints for one loop. */
export class Hints {
  #isUrgent = false;
  #isHinted = false;
  #tokens = BURST;
  #refilledMs = performance.now();

  /** Something happened that must be looked at now. */
  urgent(wakeup: Wakeup): void {
    this.#isUrgent = true;
    wakeup.wake();
  }

  /** Something may have happened. */
  hint(wakeup: Wakeup): void {
    this.#isHinted = true;
    wakeup.wake();
  }

  /** Waits for time, an urgent call, or a hint that may be followed. */
  async wait(wakeup: Wakeup, timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const nowMs = performance.now();
      this.#refill(nowMs);
      if (this.#isUrgent || nowMs >= deadlineMs) break;
      if (this.#isHinted && this.#tokens >= 1) {
        this.#tokens--;
        break;
      }
      const refillMs = this.#isHinted ? REFILL_MS : Infinity;
      await wakeup.wait(Math.min(deadlineMs - nowMs, refillMs));
    }
    this.#isUrgent = false;
    this.#isHinted = false;
  }

  #refill(nowMs: number): void {
    const earned = (nowMs - this.#refilledMs) / REFILL_MS;
    this.#tokens = Math.min(BURST, this.#tokens + earned);
    this.#refilledMs = nowMs;
  }
}
