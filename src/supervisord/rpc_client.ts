/**
 * Calls supervisord over its unix socket. Every call also wakes its loop, which else sleeps up to a
 * second.
 *
 * One connection is kept open: it goes on working when somebody deletes the socket's file. A hand-made
 * HTTP/1.1 exchange, because supervisord refuses the absolute URL in the request line that `fetch`
 * through a unix-socket proxy sends.
 *
 * Permissions: read and write of the socket (`--allow-read`, `--allow-write`), and since Deno 2.7
 * `--allow-net=unix:<path>`.
 *
 * @module
 */
import { HttpReader } from "../formats/http_reader.ts";
import { parseReply, renderCall, type XmlRpcValue } from "../formats/xmlrpc.ts";

/** supervisord did not answer, or not in HTTP. */
export class RpcUnavailable extends Error {
  override name = "RpcUnavailable";
}

/** Where supervisord listens, and as whom to speak to it. */
export interface RpcAddress {
  /** The unix socket. */
  readonly socketPath: string;
  /** Where its configuration demands it. */
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
}

/** Calls one supervisord, one call at a time. */
export class RpcClient {
  readonly #socketPath: string;
  readonly #headers: string;
  #connection: Deno.UnixConn | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(address: RpcAddress) {
    this.#socketPath = address.socketPath;
    const { credentials } = address;
    const authorization = credentials === undefined
      ? ""
      : `Authorization: Basic ${
        encodeBase64(`${credentials.username}:${credentials.password}`)
      }\r\n`;
    this.#headers =
      `POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n${authorization}`;
  }

  /**
   * Calls a method.
   *
   * @throws {RpcFault} If supervisord answers with a fault.
   * @throws {RpcUnavailable} If it cannot be reached, does not answer in time or not as expected.
   */
  async call(
    method: string,
    args: readonly (string | number | boolean)[],
    timeoutMs: number,
  ): Promise<XmlRpcValue> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    try {
      const request = this.#renderRequest(method, args);
      const isReused = this.#connection !== undefined;
      const exchange = () => this.#exchange(request, timeoutMs);
      // A connection from before `supervisorctl reload` is closed: the first call finds that out.
      return parseReply(
        await exchange().catch((error) => {
          if (isReused && error instanceof RpcUnavailable && error.cause === "lost") {
            return exchange();
          }
          throw error;
        }),
      );
    } finally {
      resolve();
    }
  }

  /** Closes the connection; a call under way fails. */
  close(): void {
    try {
      this.#connection?.close();
    } catch { /* closed by an error already */ }
    this.#connection = undefined;
  }

  #renderRequest(method: string, args: readonly (string | number | boolean)[]): Uint8Array {
    const body = new TextEncoder().encode(renderCall(method, args));
    const head = new TextEncoder().encode(`${this.#headers}Content-Length: ${body.length}\r\n\r\n`);
    const request = new Uint8Array(head.length + body.length);
    request.set(head);
    request.set(body, head.length);
    return request;
  }

  async #exchange(request: Uint8Array, timeoutMs: number): Promise<string> {
    let isLate = false;
    // Closing the connection is what ends a read or write that waits.
    const timer = setTimeout(() => {
      isLate = true;
      this.close();
    }, timeoutMs);
    try {
      const connection = this.#connection ??= await Deno.connect({
        transport: "unix",
        path: this.#socketPath,
      });
      if (isLate) throw new Error("connected too late");
      for (let sent = 0; sent < request.length;) {
        sent += await connection.write(request.subarray(sent));
      }
      const { status, body } = await new HttpReader(connection).read();
      if (status !== 200) throw new Error(`it answered with HTTP status ${status}`);
      return body;
    } catch (error) {
      this.close();
      const reason = isLate
        ? `it did not answer within ${timeoutMs / 1000} s`
        : error instanceof Error
        ? error.message
        : String(error);
      throw new RpcUnavailable(`Cannot ask supervisord: ${reason}`, {
        cause: isLate ? "late" : "lost",
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

function encodeBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
