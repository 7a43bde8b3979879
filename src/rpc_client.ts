/**
 * Calls supervisord over its unix socket: one connection a call, because a connection is also what
 * wakes its loop, which else sleeps up to a second.
 *
 * A hand-made HTTP/1.0 exchange, because supervisord refuses the absolute URL in the request line
 * that `fetch` through a unix-socket proxy sends.
 *
 * Permissions: read and write of the socket (`--allow-read`, `--allow-write`), and since Deno 2.7
 * `--allow-net=unix:<path>`.
 *
 * @module
 */
import { parseReply, renderCall, type XmlRpcValue } from "./xmlrpc.ts";

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

/** Calls one supervisord. */
export class RpcClient {
  readonly #socketPath: string;
  readonly #headers: string;

  /** @param address Where supervisord listens. */
  constructor(address: RpcAddress) {
    this.#socketPath = address.socketPath;
    const { credentials } = address;
    const authorization = credentials === undefined
      ? ""
      : `Authorization: Basic ${
        encodeBase64(`${credentials.username}:${credentials.password}`)
      }\r\n`;
    this.#headers =
      `POST /RPC2 HTTP/1.0\r\nHost: localhost\r\nContent-Type: text/xml\r\n${authorization}`;
  }

  /**
   * Calls a method.
   *
   * @param method The method, e.g. `supervisor.getAllProcessInfo`.
   * @param args Its arguments.
   * @param timeoutMs How long to wait for the whole answer, ms.
   * @returns The value it answers with.
   * @throws {RpcFault} If supervisord answers with a fault.
   * @throws {RpcUnavailable} If it cannot be reached, does not answer in time or not as expected.
   */
  async call(
    method: string,
    args: readonly (string | number | boolean)[],
    timeoutMs: number,
  ): Promise<XmlRpcValue> {
    const body = new TextEncoder().encode(renderCall(method, args));
    const head = new TextEncoder().encode(`${this.#headers}Content-Length: ${body.length}\r\n\r\n`);
    const request = new Uint8Array(head.length + body.length);
    request.set(head);
    request.set(body, head.length);
    const response = await this.#exchange(request, timeoutMs);
    const end = response.indexOf("\r\n\r\n");
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(response)?.[1];
    if (end < 0 || status !== "200") {
      throw new RpcUnavailable(
        `${method}: supervisord answered with HTTP status ${status ?? "none"}`,
      );
    }
    return parseReply(response.slice(end + 4));
  }

  /** Wakes supervisord's loop by connecting, and does not wait for anything. */
  async wake(): Promise<void> {
    try {
      (await this.#connect()).close();
    } catch { /* A supervisord that is gone needs no waking. */ }
  }

  #connect(): Promise<Deno.UnixConn> {
    return Deno.connect({ transport: "unix", path: this.#socketPath });
  }

  async #exchange(request: Uint8Array, timeoutMs: number): Promise<string> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let connection: Deno.UnixConn | undefined;
    let late = false;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        late = true;
        reject(new RpcUnavailable(`supervisord did not answer within ${timeoutMs / 1000} s`));
      }, timeoutMs);
    });
    const talk = async (): Promise<string> => {
      connection = await this.#connect();
      if (late) throw new RpcUnavailable("too late");
      for (let sent = 0; sent < request.length;) {
        sent += await connection.write(request.subarray(sent));
      }
      const chunks: string[] = [];
      const decoder = new TextDecoder();
      const buffer = new Uint8Array(16 * 1024);
      for (;;) {
        const count = await connection.read(buffer);
        if (count === null) return chunks.join("") + decoder.decode();
        chunks.push(decoder.decode(buffer.subarray(0, count), { stream: true }));
      }
    };
    const talking = talk();
    try {
      return await Promise.race([talking, timeout]);
    } catch (error) {
      // The loser of the race ends with the connection; its error has been told already.
      talking.catch(() => {});
      if (error instanceof RpcUnavailable) throw error;
      throw new RpcUnavailable(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(timer);
      try {
        (connection as Deno.UnixConn | undefined)?.close();
      } catch { /* closed by the peer's error already */ }
    }
  }
}

function encodeBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
