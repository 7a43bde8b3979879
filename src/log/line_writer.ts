/**
 * Writes lines without ever waiting for the reader.
 *
 * @module
 */

/** Past this many waiting lines, new ones are dropped: the reader has stalled, and memory is finite. */
const MOST_WAITING = 1_000;

/** How long the end waits for a slow reader, ms. */
const CLOSE_MS = 1_000;

/** Writes lines in order, in the background. */
export class LineWriter {
  readonly #to: { write(data: Uint8Array): Promise<number> };
  #waiting: string[] = [];
  #dropped = 0;
  #writing: Promise<void> | undefined;

  /** @param to Where to, e.g. `Deno.stderr`. */
  constructor(to: { write(data: Uint8Array): Promise<number> }) {
    this.#to = to;
  }

  /**
   * Takes a line.
   *
   * @param line The line, without its line feed.
   */
  write(line: string): void {
    if (this.#waiting.length >= MOST_WAITING) {
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
      const bytes = new TextEncoder().encode(lines.join("\n") + "\n");
      try {
        for (let sent = 0; sent < bytes.length;) {
          sent += await this.#to.write(bytes.subarray(sent));
        }
      } catch {
        this.#waiting = []; // The reader is gone; there is nobody left to tell.
      }
    }
    this.#writing = undefined;
  }

  /** Waits until everything is written, but not for ever. */
  async close(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([
      this.#writing,
      new Promise((resolve) => timer = setTimeout(resolve, CLOSE_MS)),
    ]);
    clearTimeout(timer);
  }
}
