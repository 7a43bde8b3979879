/**
 * Our own stdout and stderr, to which the engine's output and our lines go.
 *
 * Deno hands each write to a thread, which may wait for the reader, and hears of it later: for a short line
 * that takes longer than all else. Where our output is a pipe with room a line is written at once instead,
 * through an end of our own that never waits; who shares the pipe with us sees nothing of that.
 *
 * Permissions: `--allow-ffi` and all of them, for `/proc`, to be quick.
 *
 * @module
 */
import { mayReadProc } from "../host/ask_permission.ts";
import { type Libc, openDescriptor } from "../linux/libc.ts";
import type { ByteSink } from "./piped_output.ts";
import { SharedOutput } from "./shared_output.ts";

const O_WRONLY_NONBLOCK_CLOEXEC = 0o2004001;

/** What a pipe takes as a whole or not at all, `PIPE_BUF` of linux/limits.h; more than that is worth a thread. */
const MAX_BYTES = 4096;

/** One of our outputs. */
class OwnOutput implements ByteSink {
  readonly #sink: ByteSink;
  readonly #descriptor: 1 | 2;
  #quick: { readonly libc: Libc; readonly descriptor: number } | undefined;
  /** Whoever wants it to be quick. */
  #users = 0;
  /** Writes that a thread has not done yet: nothing may overtake them, or land inside of one. */
  #slow = 0;

  constructor(sink: ByteSink, descriptor: 1 | 2) {
    this.#sink = sink;
    this.#descriptor = descriptor;
  }

  /** From now on writes at once where that can be. */
  quicken(libc: Libc): void {
    if (this.#users++ > 0) return;
    const path = `/proc/self/fd/${this.#descriptor}`;
    try {
      if (!Deno.readLinkSync(path).startsWith("pipe:")) return;
    } catch {
      return; // It is closed.
    }
    const descriptor = openDescriptor(libc, path, O_WRONLY_NONBLOCK_CLOEXEC);
    if (descriptor >= 0) this.#quick = { libc, descriptor }; // Else another user's.
  }

  /** One user less. */
  release(): void {
    if (--this.#users > 0) return;
    this.#quick?.libc.close(this.#quick.descriptor);
    this.#quick = undefined;
  }

  async write(data: Uint8Array): Promise<number> {
    const written = this.#slow > 0 || data.length > MAX_BYTES ? 0 : this.#writeNow(data);
    if (written > 0) return written;
    this.#slow++;
    try {
      return await this.#sink.write(data);
    } finally {
      this.#slow--;
    }
  }

  #writeNow(data: Uint8Array): number {
    if (this.#quick === undefined) return 0;
    const { libc, descriptor } = this.#quick;
    return Number(libc.write(descriptor, data, BigInt(data.length)));
  }
}

const STDOUT = new OwnOutput(Deno.stdout, 1);
const STDERR = new OwnOutput(Deno.stderr, 2);

/** Our own stdout. */
export const OWN_STDOUT: ByteSink = STDOUT;

/** Our own stderr. */
export const OWN_STDERR: SharedOutput = new SharedOutput(STDERR);

/** Has short lines written to both at once from now on, where they are pipes. */
export function quickenOwnOutput(libc: Libc): () => void {
  if (!mayReadProc()) return () => {};
  const outputs = [STDOUT, STDERR];
  for (const output of outputs) output.quicken(libc);
  return () => {
    for (const output of outputs.splice(0)) output.release();
  };
}
