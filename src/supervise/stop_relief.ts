/**
 * Stops programs without supervisord, when it cannot be reached: blocked by a reader of its output that
 * has stalled, or stopped by somebody.
 *
 * @module
 */
import type { StopOrder } from "../document/stop_orders.ts";
import type { Logger } from "../log/logger.ts";
import { isAlive, sendSignal } from "../processes/sweep.ts";

/** supervisord turns its loop at every question; one that does not is given this long, ms. */
const SILENCE_MS = 500;

/** What a supervisord whose programs are all dead gets to end by itself, ms. */
const AFTERMATH_MS = 2_000;

/** Stops processes by itself once supervisord has been silent for too long. */
export class StopRelief {
  readonly #orders: ReadonlyMap<string, StopOrder>;
  readonly #log: Logger;
  #silentSinceMs: number | undefined;
  #deadSinceMs: number | undefined;
  #isOrdered = false;

  /**
   * @param orders How every process wants to be stopped.
   * @param log Takes what is to be said.
   */
  constructor(orders: ReadonlyMap<string, StopOrder>, log: Logger) {
    this.#orders = orders;
    this.#log = log;
  }

  /**
   * Takes note of whether supervisord answered during a stop.
   *
   * @param answered Whether it did.
   * @param running The processes that ran when it was last heard of, by `group:process`.
   * @param nowMs A monotonic clock, ms.
   * @returns Whether there is nothing left that supervisord could be waited for.
   */
  observe(answered: boolean, running: ReadonlyMap<string, number>, nowMs: number): boolean {
    if (answered) {
      this.#silentSinceMs = undefined;
      this.#deadSinceMs = undefined;
      return false;
    }
    this.#silentSinceMs ??= nowMs;
    if (nowMs - this.#silentSinceMs < SILENCE_MS) return false;
    if (!this.#isOrdered) this.#order(running);
    if ([...running.values()].some(isAlive)) return false;
    this.#deadSinceMs ??= nowMs;
    return nowMs - this.#deadSinceMs >= AFTERMATH_MS;
  }

  #order(running: ReadonlyMap<string, number>): void {
    this.#isOrdered = true;
    for (const [name, pid] of running) {
      const { signal = "SIGTERM", asGroup = false } = this.#orders.get(name) ?? {};
      this.#log.warn(`supervisord does not answer: sending ${signal} to ${name} (pid ${pid})`);
      sendSignal(asGroup ? -pid : pid, signal);
    }
  }
}
