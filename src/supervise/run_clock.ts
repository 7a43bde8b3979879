/**
 * The time in which we run, kept by a timer.
 *
 * @module
 */
import { SteadyClock, TICK_MS } from "../policy/clock.ts";

/** A clock for every deadline of a run; close it. */
export class RunClock {
  readonly #clock = new SteadyClock(performance.now());
  readonly #timer: ReturnType<typeof setInterval>;

  constructor() {
    this.#timer = setInterval(() => this.nowMs, TICK_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Time in which we ran, ms. */
  get nowMs(): number {
    return this.#clock.read(performance.now());
  }

  /** Time in which we did not, ms. */
  get lostMs(): number {
    this.#clock.read(performance.now());
    return this.#clock.lostMs;
  }

  /** Stops its timer. */
  close(): void {
    clearInterval(this.#timer);
  }
}
