/**
 * Events that are kept, so that whoever begins to follow late misses none.
 *
 * @module
 */

/** So many are kept at most; a reader that falls further behind misses the oldest. */
const MAX_KEPT = 1_000;

/** Events in order, to be followed by any number of readers. */
export class EventLog<T> implements AsyncIterable<T> {
  #kept: T[] = [];
  #dropped = 0;
  #isEnded = false;
  #waiting = Promise.withResolvers<void>();

  /** Adds an event. */
  push(event: T): void {
    this.#kept.push(event);
    if (this.#kept.length > MAX_KEPT) {
      this.#kept.shift();
      this.#dropped++;
    }
    this.#wake();
  }

  /** Ends it: a reader that has read everything is done. */
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }

  #wake(): void {
    this.#waiting.resolve();
    this.#waiting = Promise.withResolvers();
  }

  /** @yields Every event from the first that is kept on, until the end. */
  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (let at = 0;;) {
      at = Math.max(at, this.#dropped);
      const event = this.#kept[at - this.#dropped];
      if (event !== undefined) {
        at++;
        yield event;
      } else if (this.#isEnded) return;
      else await this.#waiting.promise;
    }
  }
}

/** Delivers items one after another: one that a delivery causes waits until that is over. */
export class Deliveries<T> {
  readonly #queue: T[] = [];
  readonly #deliver: (item: T) => void;
  #isDelivering = false;

  constructor(deliver: (item: T) => void) {
    this.#deliver = deliver;
  }

  push(item: T): void {
    this.#queue.push(item);
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.#deliver(next);
      }
    } finally {
      this.#isDelivering = false;
    }
  }
}
