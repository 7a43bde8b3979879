/**
 * When to look at a family next: often while it grows, rarely while it does not.
 *
 * @module
 */

/** The least time between two looks, ms. */
const LEAST_MS = 250;

/** A look may cost this part of the time at most: 4 ms a second. */
const MAX_LOAD = 0.004;

/** What a look told. */
export interface LookResult {
  /** How long the loop was held, ms. */
  readonly usedMs: number;
  /** Whether there was somebody new. */
  readonly hasGrown: boolean;
}

/** Finds how long to wait for the next look. */
export function findNextMs(lastMs: number, usedMs: number, mostMs: number): number {
  return Math.max(LEAST_MS, Math.min(lastMs * 2, mostMs), usedMs / MAX_LOAD);
}

/** Looks again and again. */
export class LookTimer {
  readonly #look: () => Promise<LookResult>;
  readonly #findMostMs: () => number;
  /** `undefined` while one looks. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #everyMs = LEAST_MS;
  #isRunning = false;
  #isHurried = false;

  constructor(look: () => Promise<LookResult>, findMostMs: () => number) {
    this.#look = look;
    this.#findMostMs = findMostMs;
  }

  /** Begins. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#schedule();
  }

  /** Ends. */
  stop(): void {
    this.#isRunning = false;
    clearTimeout(this.#timer);
  }

  /** There will be somebody new: looks soon, and not rarely after that. */
  hurry(): void {
    this.#isHurried = true;
    this.#everyMs = LEAST_MS;
    if (!this.#isRunning || this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#schedule();
  }

  #schedule(): void {
    // A look that fails is made again after the longest pause.
    this.#timer = setTimeout(
      () => this.#lookAgain().catch(() => this.#next(0, false)),
      this.#everyMs,
    );
  }

  async #lookAgain(): Promise<void> {
    this.#timer = undefined;
    this.#isHurried = false;
    const { usedMs, hasGrown } = await this.#look();
    this.#next(usedMs, hasGrown || this.#isHurried);
  }

  #next(usedMs: number, isSoon: boolean): void {
    this.#everyMs = findNextMs(isSoon ? 0 : this.#everyMs, usedMs, this.#findMostMs());
    if (this.#isRunning) this.#schedule();
  }
}
