/**
 * The last of what an engine printed, kept as evidence of why it died.
 *
 * @module
 */

/** What is kept of each stream, bytes. */
export const TAIL_BYTES: number = 64 * 1024;

/** The engine's last words, of the current run only. */
export interface OutputTail {
  /**
   * Whole lines, and a last one that was not ended: the oldest first, both streams merged in the order
   * in which their ends arrived, at most {@linkcode TAIL_BYTES} a stream. What is not UTF-8 becomes
   * U+FFFD.
   */
  readonly readLines: () => string[];
  /**
   * Waits until what the pipes hold now was read and nothing has come for `quietMs` (1 by default), 100 ms
   * at most.
   */
  readonly settle: (quietMs?: number) => Promise<void>;
  /** A new run begins: what was kept before is no evidence of it. */
  readonly begin: () => void;
}

const LINE_FEED = 10;

/** Bytes of one stream that arrived without any of the other's between them. */
interface Arrival {
  /** Where they end, counted from the stream's begin. */
  endAt: number;
  /** Which turn of the two streams it was. */
  readonly turn: number;
}

/** The last bytes of one stream. */
class StreamTail {
  #ring: Uint8Array<ArrayBuffer> | undefined;
  /** How many bytes have come. */
  #count = 0;
  #arrivals: Arrival[] = [];

  take(bytes: Uint8Array, turn: number): void {
    const ring = this.#ring ??= new Uint8Array(TAIL_BYTES);
    const last = bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES));
    const at = (this.#count + bytes.length - last.length) % TAIL_BYTES;
    const fits = Math.min(last.length, TAIL_BYTES - at);
    ring.set(last.subarray(0, fits), at);
    ring.set(last.subarray(fits), 0);
    this.#count += bytes.length;
    const arrival = this.#arrivals.at(-1);
    if (arrival?.turn === turn) arrival.endAt = this.#count;
    else this.#arrivals.push({ endAt: this.#count, turn });
    const keptFrom = this.#count - TAIL_BYTES;
    const gone = this.#arrivals.findIndex(({ endAt }) => endAt > keptFrom);
    if (gone > 0) this.#arrivals.splice(0, gone);
  }

  clear(): void {
    this.#count = 0;
    this.#arrivals = [];
  }

  /** A line whose begin is lost is left out: half a secret is not known as one. */
  readLines(): { readonly text: string; readonly turn: number }[] {
    if (this.#ring === undefined || this.#count === 0) return [];
    const from = Math.max(0, this.#count - TAIL_BYTES);
    const at = from % TAIL_BYTES;
    const kept = new Uint8Array(this.#count - from);
    kept.set(this.#ring.subarray(at, at + kept.length));
    if (from > 0) kept.set(this.#ring.subarray(0, at), TAIL_BYTES - at);
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const lines = [];
    let arrival = 0;
    let begin = from === 0 ? 0 : kept.indexOf(LINE_FEED) + 1;
    if (from > 0 && begin === 0) return [];
    while (begin < kept.length) {
      const feed = kept.indexOf(LINE_FEED, begin);
      const end = feed < 0 ? kept.length : feed;
      const lastAt = from + Math.min(end, kept.length - 1);
      while ((this.#arrivals[arrival]?.endAt ?? Infinity) <= lastAt) arrival++;
      const text = decoder.decode(kept.subarray(begin, end)).replace(/\r$/, "");
      lines.push({ text, turn: this.#arrivals[arrival]?.turn ?? Infinity });
      begin = end + 1;
    }
    return lines;
  }
}

/** The last bytes of both streams. */
export class TailBuffer {
  readonly #streams = { stdout: new StreamTail(), stderr: new StreamTail() };
  #turn = 0;
  #lastStream: "stdout" | "stderr" | undefined;

  /** Takes what has arrived. */
  take(stream: "stdout" | "stderr", bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (stream !== this.#lastStream) this.#turn++;
    this.#lastStream = stream;
    this.#streams[stream].take(bytes, this.#turn);
  }

  /** Forgets everything. */
  clear(): void {
    this.#streams.stdout.clear();
    this.#streams.stderr.clear();
  }

  readLines(): string[] {
    const { stdout, stderr } = this.#streams;
    return [...stdout.readLines(), ...stderr.readLines()]
      .sort((a, b) => a.turn - b.turn) // Stable: a stream's own order is kept.
      .map(({ text }) => text);
  }
}
