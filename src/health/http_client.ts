/**
 * Asks the engine over HTTP.
 *
 * Not fetch: that honours HTTP_PROXY, and a proxy knows nothing of this container's loopback. A
 * certificate is not verified: the engine is on this machine.
 *
 * Permissions: `--allow-net` of the URL's host.
 *
 * @module
 */

/** What to ask. */
export interface HttpQuestion {
  /** Gives up. */
  readonly signal: AbortSignal;
  /**
   * How much of the body to read, bytes; what follows it is cut off.
   *
   * @default {0}
   */
  readonly mostBytes?: number;
  /** A body to send, as JSON; without one it is a GET. */
  readonly json?: unknown;
  /** A key to show. */
  readonly bearer?: string | undefined;
}

/** What was answered. */
export interface HttpAnswer {
  /** The status. */
  readonly status: number;
  /** Where it redirects to. */
  readonly location: string | undefined;
  /** The body, as far as it was asked for. */
  readonly body: string;
  /** Whether there was more of it. */
  readonly isCut: boolean;
}

/**
 * Asks once; no redirect is followed.
 *
 * @throws {Error} If there is none; an `AggregateError` where the host has several addresses.
 */
export async function askHttp(url: URL, question: HttpQuestion): Promise<HttpAnswer> {
  const { signal, mostBytes = 0, json, bearer } = question;
  const { request } = url.protocol === "https:"
    ? await import("node:https")
    : await import("node:http");
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const body = json === undefined ? undefined : JSON.stringify(json);
  const options = {
    agent: false,
    method: body === undefined ? "GET" : "POST",
    headers: {
      "User-Agent": "standard-supervisor",
      Connection: "close",
      ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : {
        "Content-Type": "application/json",
        "Content-Length": String(new TextEncoder().encode(body).length),
      }),
    },
    rejectUnauthorized: false,
    signal,
  };
  const asked = request(url, options, (response) => {
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    const decoder = new TextDecoder();
    let text = "";
    let bytes = 0;
    const finish = () => {
      resolve({ status, location, body: text, isCut: bytes > mostBytes });
      response.destroy();
    };
    // Once it is known, what follows is not.
    response.on("error", reject);
    if (mostBytes === 0) return finish();
    response.on("data", (chunk: Uint8Array) => {
      text += decoder.decode(chunk.subarray(0, Math.max(0, mostBytes - bytes)), { stream: true });
      bytes += chunk.length;
      if (bytes > mostBytes) finish();
    });
    response.on("end", finish);
    response.on("close", () => reject(new Error("the answer was cut short")));
  });
  asked.on("error", reject);
  asked.end(body);
  return await promise;
}
