/**
 * One of our output streams, as several sources write to it. Its reader may be slow, stall, or go away,
 * and none of that may keep an engine from stopping.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import type { ByteSink } from "./piped_output.ts";

/** How long the reader may take over what it is given once everything stops, ms. */
const PATIENCE_MS = 1_000;

/** A reader that takes longer than this for one write gets less at a time, ms, so that its pace shows. */
const SLOW_MS = 100;
const SLOW_BYTES = 16 * 1024;

/** Between two attempts where somebody has set the descriptor to O_NONBLOCK and it is full, ms. */
const RETRY_MS = 5;

interface Wait {
  /** When the reader last took something, ms. */
  sinceMs: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  readonly giveUp: () => void;
}

/** Writes to a sink, for as long as somebody reads. */
export class OutputWriter {
  readonly #sink: ByteSink;
  readonly #waits = new Set<Wait>();
  #isGone = false;
  #isHurried = false;
  #isSlow = false;
  /** Writes that were given up and still wait for the reader. */
  #late = 0;
  #lateEnd: Promise<unknown> = Promise.resolve();
  #taken = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** How many bytes the reader has taken. */
  get taken(): number {
    return this.#taken;
  }

  /** Everything stops: from now on what the reader has not taken within a second is dropped. */
  hurry(): void {
    if (this.#isHurried) return;
    this.#isHurried = true;
    for (const wait of this.#waits) limit(wait);
  }

  /** Something starts: the reader may take its time again. */
  calm(): void {
    this.#isHurried = false;
    for (const { timer } of this.#waits) clearTimeout(timer);
  }

  /**
   * Writes all of the bytes. Where the reader has gone, or has stalled in a hurry, they are dropped.
   */
  async write(bytes: Uint8Array): Promise<boolean> {
    if (this.#isGone || (this.#isHurried && this.#late > 0)) return true;
    const { promise: givenUp, resolve } = Promise.withResolvers<false>();
    const wait: Wait = {
      sinceMs: performance.now(),
      timer: undefined,
      giveUp: () => resolve(false),
    };
    if (this.#isHurried) limit(wait);
    this.#waits.add(wait);
    const passed = this.#pass(bytes, wait);
    const isWritten = await Promise.race([passed, givenUp]);
    this.#waits.delete(wait);
    clearTimeout(wait.timer);
    if (!isWritten) {
      this.#late++;
      this.#lateEnd = Promise.all([this.#lateEnd, passed.then(() => this.#late--)]);
    }
    return isWritten;
  }

  async #pass(bytes: Uint8Array, wait: Wait): Promise<true> {
    if (this.#late > 0) await this.#lateEnd; // Behind it, as it was written.
    for (let sent = 0; sent < bytes.length && !this.#isGone && this.#late === 0;) {
      const beginMs = performance.now();
      const count = await this.#writeSome(
        this.#isSlow ? bytes.subarray(sent, sent + SLOW_BYTES) : bytes.subarray(sent),
      );
      const nowMs = performance.now();
      this.#isSlow = nowMs - beginMs > SLOW_MS;
      if (!this.#isHurried && count > 0) wait.sinceMs = nowMs;
      this.#taken += count;
      sent += count;
    }
    return true;
  }

  async #writeSome(bytes: Uint8Array): Promise<number> {
    try {
      return await this.#sink.write(bytes);
    } catch (error) {
      if (error instanceof Deno.errors.WouldBlock) {
        await delay(RETRY_MS);
      } else {
        this.#isGone = true;
      }
      return 0;
    }
  }
}

function limit(wait: Wait): void {
  clearTimeout(wait.timer);
  wait.timer = setTimeout(wait.giveUp, Math.max(0, wait.sinceMs + PATIENCE_MS - performance.now()));
}
