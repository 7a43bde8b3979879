/** Streams of tokens from an engine over HTTP, and whether they came to their end. No proxy is asked. */
import { DEADLINE_MS, type Run } from "./run.ts";

/** How a stream ended. */
export interface StreamEnd {
  /** Server-sent events that held a token. */
  readonly tokens: number;
  /**
   * Whether the model had said all and the last chunk came. The chunk alone is no proof: vLLM ends a stream
   * that it cuts with an error, `[DONE]` and a last chunk.
   */
  readonly isWhole: boolean;
  /** All that was received, head included, for an error. */
  readonly text: string;
}

/** A request that is being answered. */
export interface Stream {
  /** The first token has come; rejects where the stream ends before. */
  readonly begun: Promise<void>;
  /** Never rejects: a connection that breaks is an end. */
  readonly ended: Promise<StreamEnd>;
}

/** The engine's address, and what it is asked. */
export interface StreamRequest {
  readonly port: number;
  readonly tokens: number;
  /** More of the request's body. */
  readonly body?: Readonly<Record<string, unknown>>;
}

function renderRequest({ tokens, body }: StreamRequest): string {
  const text = JSON.stringify({ max_tokens: tokens, stream: true, ...body });
  const { length } = new TextEncoder().encode(text);
  return "POST /v1/completions HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n" +
    `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${text}`;
}

async function* receive(request: StreamRequest): AsyncGenerator<string> {
  try {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: request.port });
    await connection.write(new TextEncoder().encode(renderRequest(request)));
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(65_536);
    for (;;) {
      const count = await connection.read(buffer);
      if (count === null) return;
      yield decoder.decode(buffer.subarray(0, count), { stream: true });
    }
  } catch {
    return; // Refused or reset.
  }
}

/**
 * Asks an engine for a stream of tokens (`POST /v1/completions`).
 *
 * @param request Which engine, and how many tokens.
 * @returns Its begin and its end.
 */
export function openStream(request: StreamRequest): Stream {
  const { promise: begun, resolve, reject } = Promise.withResolvers<void>();
  begun.catch(() => {}); // Who asks for its end alone need not look at its begin.
  const read = async (): Promise<StreamEnd> => {
    let text = "";
    for await (const part of receive(request)) {
      text += part;
      if (text.includes("data: {")) resolve();
    }
    reject(new Error(`The stream ended before its first token: ${text}`));
    return {
      tokens: text.match(/data: \{(?!"error")/g)?.length ?? 0,
      isWhole: text.endsWith("\r\n0\r\n\r\n") && /"finish_reason": ?"length"/.test(text),
      text,
    };
  };
  return { begun, ended: read() };
}

/** Waits for a stream's end, with the run's output where it does not come. */
export async function waitForStream(
  run: Run,
  { ended }: Stream,
  deadlineMs: number = DEADLINE_MS,
): Promise<StreamEnd> {
  let end: StreamEnd | undefined;
  void ended.then((value) => end = value);
  await run.waitFor(
    () => end !== undefined || run.end !== undefined,
    "the stream's end",
    deadlineMs,
  );
  return await ended; // Where the run has ended, nobody holds the other side.
}
