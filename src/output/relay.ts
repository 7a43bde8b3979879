/**
 * Copies and reads streams of other processes.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import type { OutputWriter } from "./output_writer.ts";

/**
 * What is read at once. Measured: with 256 KiB the copying takes least, with 1 MiB it falls out of the
 * processor's second cache.
 */
const CHUNK_BYTES = 256 * 1024;

/**
 * Small chunks that follow each other closely are collected for a moment, ms: waking up for each costs a
 * program that prints many lines more than its own printing.
 */
const SMALL_BYTES = 64 * 1024;
const CLOSE_MS = 2;

/**
 * Copies a stream to another until it ends, and reads on while it writes: two chunks are on their way at
 * most, then the program waits for the reader. A reader that went away loses the output and nothing
 * else: the rest is read and dropped, so that the program never waits for it.
 */
export async function relayOutput(
  from: ReadableStream<Uint8Array<ArrayBuffer>>,
  to: OutputWriter,
  signal: AbortSignal,
  onBytes?: (bytes: Uint8Array) => void,
): Promise<void> {
  const reader = from.getReader({ mode: "byob" });
  signal.addEventListener("abort", () => reader.cancel());
  const write = async (bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> =>
    await to.write(bytes) ? bytes.buffer : new ArrayBuffer(CHUNK_BYTES);
  let buffer = new ArrayBuffer(CHUNK_BYTES);
  let writing: Promise<ArrayBuffer> | undefined;
  let lastMs = -Infinity;
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(buffer));
    if (done || value === undefined) break;
    const nowMs = performance.now();
    const isBusy = value.length < SMALL_BYTES && nowMs - lastMs < CLOSE_MS;
    onBytes?.(value);
    buffer = await writing ?? new ArrayBuffer(CHUNK_BYTES);
    writing = write(value);
    if (isBusy) await delay(CLOSE_MS);
    lastMs = performance.now();
  }
  await writing;
}

/** Reads a stream's lines until it ends. */
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
