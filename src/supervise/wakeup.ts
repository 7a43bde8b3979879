/**
 * One place to wait in, for whatever comes first.
 *
 * @module
 */

/** Wakes one loop; a call that comes while nobody waits is kept. */
export class Wakeup {
  #isDue = false;
  #resolve: (() => void) | undefined;

  /** Ends the wait, now or as soon as it begins. */
  readonly wake = (): void => {
    this.#isDue = true;
    this.#resolve?.();
  };

  /** Waits until {@linkcode wake} is called or time is up. */
  async wait(timeoutMs: number): Promise<void> {
    if (!this.#isDue && timeoutMs > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#resolve = resolve;
      // setTimeout takes 31 bits; a longer wait may end early, as every wait may.
      const timer = setTimeout(resolve, Math.min(timeoutMs, 2 ** 31 - 1));
      await promise;
      clearTimeout(timer);
      this.#resolve = undefined;
    }
    this.#isDue = false;
  }
}
