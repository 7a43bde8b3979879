/**
 * A small HTTP server that shows and commands nothing, and that no client can make hold up anything: it reads
 * heads of requests, never their bodies; who is slow, silent or does not read is cut off; connections are
 * few, and the one that has been idle longest gives way.
 *
 * Not `Deno.serve`: that ends for good with `Too many open files` once its clients have taken every
 * descriptor (seen with Deno 2.9.6), and the descriptors are those that supervision needs as well.
 *
 * Permissions: none of its own; the listener took `--allow-net`.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { errorText } from "../log/error_text.ts";
import { type HttpResponse, renderResponse } from "../formats/http_response.ts";
import { findHeadEnd, parseRequestHead } from "../formats/http_request.ts";

/** So many connections at once: half of the 1,024 descriptors that are often all there are. */
const MAX_CONNECTIONS = 512;

/**
 * So many requests on one connection. A client that asks and asks and never reads fills its socket's buffer
 * with answers, and enough of those the kernel's memory for all of TCP.
 */
const MAX_REQUESTS = 100;

/** The longest head of a request, bytes. */
const MAX_HEAD_BYTES = 8_192;

/** How long the rest of a head and the reading of an answer may take, ms. */
const SLOW_MS = 5_000;

/** How long a connection may be idle between two requests, ms: Prometheus asks once a minute by default. */
const IDLE_MS = 130_000;

/** How long what nobody asked for is thrown away before a connection is closed, ms: closed at once, the answer would be lost. */
const LINGER_MS = 1_000;

/** Between two connections that each take another's place, ms: they wait in the kernel, and cost us little. */
const CROWDED_MS = 2;

/** Between two looks for connections that are late, ms. */
const POLL_INTERVAL_MS = 1_000;

/** How long connections are left open by a process that was to exit and has not, ms. */
const ABANDONED_MS = 1_000;

/** Between attempts to accept where there are no descriptors left, ms. */
const RETRY_MS = 50;

/** Answers a path; `undefined` where there is nothing. */
export type Answerer = (path: string) => HttpResponse | undefined;

const text = (status: HttpResponse["status"], body: string, headers = {}): HttpResponse => ({
  ...{ status, headers },
  type: "text/plain; charset=utf-8",
  body: `${body}\n`,
});

/** The server. */
export class StatusServer {
  readonly #listener: Deno.Listener;
  readonly #answer: Answerer;
  readonly #onFailure: (text: string) => void;
  /** Until when each may stay as it is, by `performance.now()`; the one that asked longest ago first. */
  readonly #connections = new Map<Deno.Conn, number>();
  readonly #told = new Set<string>();
  readonly #accepting: Promise<void>;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  /** Serves from now on. */
  constructor(listener: Deno.Listener, answer: Answerer, onFailure: (text: string) => void) {
    this.#listener = listener;
    this.#answer = answer;
    this.#onFailure = onFailure;
    this.#accepting = this.#accept();
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Ends at once, whatever the clients do; the port is free when the promise is kept. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    clearInterval(this.#timer);
    for (const connection of this.#connections.keys()) this.#drop(connection);
    await this.#accepting; // Until then Deno holds the socket that it waits on.
  }

  /**
   * Ends as {@linkcode close} does, for a process that is about to exit: that need not wait until each of
   * its connections is closed, which takes 13 ms for 500 (Deno 2.9.6).
   */
  abandon(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    clearInterval(this.#timer);
    Deno.unrefTimer(setTimeout(() => {
      for (const connection of this.#connections.keys()) this.#drop(connection);
    }, ABANDONED_MS));
  }

  async #accept(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const connection = await this.#listener.accept();
        if (this.#isClosed) return connection.close();
        const isCrowded = this.#connections.size >= MAX_CONNECTIONS;
        this.#take(connection);
        if (isCrowded) await delay(CROWDED_MS);
      } catch (error) {
        if (this.#isClosed) return;
        this.#tellFailure(`it cannot accept connections: ${errorText(error)}`);
        await delay(RETRY_MS);
      }
    }
  }

  #take(connection: Deno.Conn): void {
    if (this.#connections.size >= MAX_CONNECTIONS) {
      const [longest] = this.#connections.keys();
      if (longest !== undefined) this.#drop(longest);
    }
    this.#expectWithin(connection, SLOW_MS);
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#dropLate(), POLL_INTERVAL_MS);
      Deno.unrefTimer(this.#timer);
    }
    this.#converse(connection)
      .finally(() => this.#drop(connection))
      .catch(() => {}); // The client went away, or was cut off.
  }

  #expectWithin(connection: Deno.Conn, ms: number): void {
    if (this.#isClosed) return;
    this.#connections.set(connection, performance.now() + ms);
  }

  #dropLate(): void {
    const now = performance.now();
    for (const [connection, untilMs] of this.#connections) {
      if (untilMs < now) this.#drop(connection);
    }
    if (this.#connections.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #drop(connection: Deno.Conn): void {
    this.#connections.delete(connection);
    try {
      connection.close();
    } catch { /* It is closed. */ }
  }

  async #converse(connection: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(MAX_HEAD_BYTES);
    for (let left = MAX_REQUESTS; left > 0 && this.#connections.has(connection); left--) {
      let filled = 0;
      let end: number | undefined;
      while (end === undefined && filled < buffer.length) {
        const count = await connection.read(buffer.subarray(filled));
        if (count === null) return;
        if (filled === 0) this.#expectWithin(connection, SLOW_MS);
        filled += count;
        end = findHeadEnd(buffer.subarray(0, filled));
      }
      // Who asks again before there is an answer is answered once: nobody needs that, see MAX_REQUESTS.
      const mayGoOn = end === filled && left > 1;
      const head = end === undefined ? undefined : buffer.subarray(0, end);
      if (!await this.#respond(connection, head, mayGoOn)) return await this.#linger(connection);
      this.#connections.delete(connection); // It is the last that asked.
      this.#expectWithin(connection, IDLE_MS);
    }
  }

  async #respond(
    connection: Deno.Conn,
    head: Uint8Array | undefined,
    mayGoOn: boolean,
  ): Promise<boolean> {
    const request = head === undefined ? undefined : parseRequestHead(String.fromCharCode(...head));
    const response = request !== undefined
      ? this.#find(request.method, request.path)
      : head === undefined
      ? text(431, `A request's head may have ${MAX_HEAD_BYTES} bytes`)
      : text(400, "This is no HTTP request");
    const keepsAlive = mayGoOn && (request?.keepsAlive ?? false);
    const isHead = request?.method === "HEAD";
    const bytes = renderResponse(response, { keepsAlive, isHead });
    for (let sent = 0; sent < bytes.length;) {
      sent += await connection.write(bytes.subarray(sent));
    }
    return keepsAlive;
  }

  #find(method: string, path: string): HttpResponse {
    if (method !== "GET" && method !== "HEAD") {
      return text(405, "Only GET and HEAD: nothing can be commanded here", { Allow: "GET, HEAD" });
    }
    try {
      return this.#answer(path) ?? text(404, "There is nothing here");
    } catch (error) {
      this.#tellFailure(`it cannot answer ${path}: ${errorText(error)}`);
      return text(503, "This cannot be answered; the log says why");
    }
  }

  /** Each once: the same goes wrong at every request. */
  #tellFailure(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#onFailure(text);
  }

  async #linger(connection: Deno.Conn): Promise<void> {
    await connection.closeWrite();
    this.#expectWithin(connection, LINGER_MS);
    const waste = new Uint8Array(MAX_HEAD_BYTES);
    for (let left = 64; left > 0 && await connection.read(waste) !== null; left--);
  }
}
