/**
 * Copies and reads streams of other processes.
 *
 * @module
 */

import type { ByteSink } from "./piped_output.ts";

/** Enough for a pipe's whole buffer at once. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Copies a stream to another until it ends. A reader that went away loses the output and
 * nothing else: the rest is read and dropped, so that the program never waits for it.
 *
 * @param from The stream.
 * @param to Where to.
 * @param signal Gives up when it is aborted: a process that got away may hold the other end for ever.
 */
export async function relayOutput(
  from: ReadableStream<Uint8Array<ArrayBuffer>>,
  to: ByteSink,
  signal: AbortSignal,
): Promise<void> {
  const reader = from.getReader({ mode: "byob" });
  signal.addEventListener("abort", () => reader.cancel());
  let buffer = new ArrayBuffer(CHUNK_BYTES);
  let isGone = false;
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(buffer));
    if (done || value === undefined) return;
    for (let sent = 0; sent < value.length && !isGone;) {
      try {
        sent += await to.write(value.subarray(sent));
      } catch {
        isGone = true;
      }
    }
    buffer = value.buffer;
  }
}

/**
 * Waits for work, but not for ever.
 *
 * @param work What to wait for.
 * @param deadlineMs How long at most, ms.
 */
export async function withDeadline(work: Promise<unknown>, deadlineMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([work, new Promise((resolve) => timer = setTimeout(resolve, deadlineMs))]);
  clearTimeout(timer);
}

/**
 * Reads a stream's lines until it ends.
 *
 * @param from The stream.
 * @param onLine Called with each line that is not empty.
 */
export async function readLines(
  from: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of from) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") onLine(line);
  }
  if (rest !== "") onLine(rest);
}
