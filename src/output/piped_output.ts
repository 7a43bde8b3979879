/**
 * The engine's output as a stream for a caller, who may read it slowly, or not at all.
 *
 * @module
 */

/** Bytes that are kept for a reader before the engine has to wait for it: a pipe's own buffer. */
const BUFFER_BYTES = 64 * 1024;

/** How long a reader may make no room once everything is to stop, ms. */
const LAST_PATIENCE_MS = 1_000;

/** Takes bytes, as `Deno.stdout` does. */
export interface ByteSink {
  /** Writes some of the bytes and tells how many. */
  write(data: Uint8Array): Promise<number>;
}

/** One stream: written here, read there. */
export class PipedOutput implements ByteSink {
  /** What the caller reads. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #onRoom: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopping = false;
  /** Whether the reader had its second and made no room; what it makes later is used again. */
  #isLate = false;

  /** Makes an empty stream. */
  constructor() {
    this.readable = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => {
        this.#isLate = false;
        this.#onRoom?.();
      },
      cancel: () => {
        this.#controller = undefined;
        this.#onRoom?.();
      },
    }, new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_BYTES }));
  }

  /**
   * Waits until the reader has room and passes the bytes on. While everything stops, what nobody has made
   * room for within a second is dropped, so that no reader keeps an engine from stopping.
   */
  async write(data: Uint8Array): Promise<number> {
    if (!this.#hasRoom()) await this.#waitForRoom();
    if (this.#hasRoom()) this.#controller?.enqueue(data.slice());
    return data.length;
  }

  #hasRoom(): boolean {
    const { desiredSize = 1 } = this.#controller ?? {};
    return desiredSize === null || desiredSize > 0;
  }

  async #waitForRoom(): Promise<void> {
    if (this.#isLate) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onRoom = resolve;
    if (this.#isStopping) this.#limitWait();
    await promise;
    clearTimeout(this.#timer);
    this.#onRoom = undefined;
  }

  #limitWait(): void {
    this.#timer = setTimeout(() => {
      this.#isLate = true;
      this.#onRoom?.();
    }, LAST_PATIENCE_MS);
  }

  /** Everything is to stop: from now on the reader has a second to make room. */
  hurry(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    if (this.#onRoom !== undefined) this.#limitWait();
  }

  /** Ends the stream after what has been written. */
  close(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }
}
