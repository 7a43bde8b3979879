/**
 * Writes lines without ever waiting for the reader.
 *
 * @module
 */

/** Past this many waiting lines, new ones are dropped: the reader has stalled, and memory is finite. */
const MAX_WAITING = 1_000;

/** How long the end waits for a slow reader, ms. */
const CLOSE_MS = 1_000;

/** How long an engine's line may take to end before one of ours interrupts it, ms. */
const IN_LINE_MS = 100;

/** Takes bytes, from others as well where it can tell whether a line has begun. */
export interface LineSink {
  /** Writes some of the bytes and tells how many. */
  write(data: Uint8Array): Promise<number>;
  /** Writes whole lines, after one that has begun, whose end is waited for no longer than this, ms. */
  writeLines?(text: string, mostMs: number): Promise<void>;
}

/** Writes lines in order, in the background. */
export class LineWriter {
  readonly #to: LineSink;
  #waiting: string[] = [];
  #dropped = 0;
  #writing: Promise<void> | undefined;

  constructor(to: LineSink) {
    this.#to = to;
  }

  /** Takes a line. */
  write(line: string): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(line);
    this.#writing ??= this.#writeWaiting();
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      if (this.#dropped > 0) lines.push(`${this.#dropped} lines were dropped: nobody read them`);
      this.#dropped = 0;
      try {
        await this.#write(`${lines.join("\n")}\n`);
      } catch {
        this.#waiting = []; // The reader is gone; there is nobody left to tell.
      }
    }
    this.#writing = undefined;
  }

  async #write(text: string): Promise<void> {
    if (this.#to.writeLines !== undefined) return await this.#to.writeLines(text, IN_LINE_MS);
    const bytes = new TextEncoder().encode(text);
    for (let sent = 0; sent < bytes.length;) sent += await this.#to.write(bytes.subarray(sent));
  }

  /** Waits until everything is written, but not indefinitely. */
  async close(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([
      this.#writing,
      new Promise((resolve) => timer = setTimeout(resolve, CLOSE_MS)),
    ]);
    clearTimeout(timer);
  }
}
