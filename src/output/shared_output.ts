/**
 * Our own stderr, to which both the engine's lines and ours go: ours come between lines, not inside of one.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import type { ByteSink } from "./piped_output.ts";

const LINE_FEED = 10;

/** Between two attempts where somebody has set the descriptor to O_NONBLOCK and it is full, ms. */
const RETRY_MS = 5;

/** An output that knows whether a line has begun on it. */
export class SharedOutput implements ByteSink {
  readonly #sink: ByteSink;
  readonly #waiting = new Set<() => void>();
  /** Set while lines of ours are being written. */
  #ours: Promise<void> | undefined;
  #writes = 0;
  #lastByte = LINE_FEED;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Whether something is being written, or a line was begun and not ended. */
  get isInLine(): boolean {
    return this.#writes > 0 || this.#lastByte !== LINE_FEED;
  }

  /** Writes some of the bytes, once no line of ours is being written. */
  async write(data: Uint8Array): Promise<number> {
    while (this.#ours !== undefined) await this.#ours;
    return await this.#pass(data);
  }

  /**
   * Writes lines of ours: after the line that has begun, but not waiting for its end indefinitely; then they
   * begin a new one.
   */
  async writeLines(text: string, mostMs: number): Promise<void> {
    await this.#waitForLineEnd(mostMs);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ours = promise;
    try {
      const bytes = new TextEncoder().encode(`${this.isInLine ? "\n" : ""}${text}`);
      for (let sent = 0; sent < bytes.length;) {
        sent += await this.#passPatiently(bytes.subarray(sent));
      }
    } finally {
      this.#ours = undefined;
      resolve();
    }
  }

  async #pass(data: Uint8Array): Promise<number> {
    this.#writes++;
    try {
      const count = await this.#sink.write(data);
      this.#lastByte = data[count - 1] ?? this.#lastByte;
      return count;
    } finally {
      this.#writes--;
      if (!this.isInLine) { for (const wake of this.#waiting) wake(); }
    }
  }

  async #passPatiently(data: Uint8Array): Promise<number> {
    try {
      return await this.#pass(data);
    } catch (error) {
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await delay(RETRY_MS);
      return 0;
    }
  }

  async #waitForLineEnd(mostMs: number): Promise<void> {
    if (!this.isInLine) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    const timer = setTimeout(resolve, mostMs);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }
}
