/**
 * Reads one HTTP response with a Content-Length, which is what supervisord always sends.
 *
 * @module
 */

/** A response. */
export interface HttpResponse {
  /** Its status, e.g. 200. */
  readonly status: number;
  /** Its body as text. */
  readonly body: string;
}

const HEAD_END = [13, 10, 13, 10];

/** Past this a head is none of supervisord's. */
const LONGEST_HEAD_BYTES = 16 * 1024;

/** Reads from one connection. */
export class HttpReader {
  readonly #from: { read(buffer: Uint8Array): Promise<number | null> };
  #bytes = new Uint8Array(0);

  constructor(from: { read(buffer: Uint8Array): Promise<number | null> }) {
    this.#from = from;
  }

  /**
   * Reads one response.
   *
   * @throws {SyntaxError} If it is no such response, or is cut short.
   */
  async read(): Promise<HttpResponse> {
    let headEnd = -1;
    while ((headEnd = this.#findHeadEnd()) < 0) {
      if (this.#bytes.length > LONGEST_HEAD_BYTES) throw new SyntaxError("its answer is not HTTP");
      await this.#readMore();
    }
    const head = new TextDecoder().decode(this.#bytes.subarray(0, headEnd));
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
    const length = /^content-length:\s*(\d+)/im.exec(head)?.[1];
    if (status === undefined || length === undefined) {
      throw new SyntaxError("its answer is not HTTP");
    }
    const bodyStart = headEnd + HEAD_END.length;
    const bodyEnd = bodyStart + Number(length);
    while (this.#bytes.length < bodyEnd) await this.#readMore();
    const body = new TextDecoder().decode(this.#bytes.subarray(bodyStart, bodyEnd));
    return { status: Number(status), body };
  }

  #findHeadEnd(): number {
    for (let at = 0; at + HEAD_END.length <= this.#bytes.length; at++) {
      if (HEAD_END.every((byte, index) => this.#bytes[at + index] === byte)) return at;
    }
    return -1;
  }

  async #readMore(): Promise<void> {
    const buffer = new Uint8Array(16 * 1024);
    const count = await this.#from.read(buffer);
    if (count === null) throw new SyntaxError("its answer was cut short");
    const bytes = new Uint8Array(this.#bytes.length + count);
    bytes.set(this.#bytes);
    bytes.set(buffer.subarray(0, count), this.#bytes.length);
    this.#bytes = bytes;
  }
}
