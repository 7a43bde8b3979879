/** Who reads the supervised engine's stdout: as fast as it comes, slowly, or not at all. */
import { pause } from "../../tests/support/processes.ts";

/** How it is read. */
export type Pace = "fast" | "slow" | "stalled";

/** What a slow reader takes at once, bytes: with {@linkcode SLOW_MS}, 3 MB/s. */
const CHUNK_BYTES = 65_536;

/** A slow reader's pause, ms. */
const SLOW_MS = 20;

/** A stalled reader looks so often whether it may go on, ms. */
const STALLED_MS = 20;

const X = "x".charCodeAt(0);

/** Reads a named pipe to its end. */
export class OutputReader {
  /** How it reads from now on. */
  pace: Pace = "fast";
  /** How many `x` came: what floods consist of, and no other line holds. */
  floodBytes = 0;

  /** @param path The pipe, which is made. */
  constructor(path: string) {
    const { success } = new Deno.Command("mkfifo", { args: [path] }).outputSync();
    if (!success) throw new Error(`Cannot make a pipe at ${path}`);
    void this.#read(path);
  }

  async #read(path: string): Promise<void> {
    using file = await Deno.open(path);
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      while (this.pace === "stalled") await pause(STALLED_MS);
      const count = await file.read(buffer);
      if (count === null) return;
      for (const byte of buffer.subarray(0, count)) if (byte === X) this.floodBytes++;
      if (this.pace === "slow") await pause(SLOW_MS);
    }
  }
}
