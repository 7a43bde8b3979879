/**
 * The gate at which the engine's next run waits. It is a named pipe: the shell that becomes the engine
 * (`engine_streams.ts`) reads from it until we close it, and goes on only if it is gone from its place by
 * then. If we are killed, it is still there, and the shell exits.
 *
 * @module
 */
import type { Libc } from "../linux/libc.ts";
import { makeNamedPipe } from "../linux/named_pipe.ts";

/** The gate of one engine. */
export class StartGate {
  readonly #path: string;
  readonly #libc: Libc | undefined;
  #pipe: Deno.FsFile | undefined;

  constructor(path: string, libc: Libc | undefined) {
    this.#path = path;
    this.#libc = libc;
  }

  /** Lets the runs that are spawned from now on wait. */
  close(): boolean {
    if (this.#libc === undefined) return false;
    this.#pipe ??= makeNamedPipe(this.#libc, this.#path);
    return this.#pipe !== undefined;
  }

  /** Lets them begin, those that wait and those to come. */
  open(): void {
    if (this.#pipe === undefined) return;
    try {
      Deno.removeSync(this.#path);
    } catch { /* Somebody has cleaned up the directory. */ }
    this.#pipe.close();
    this.#pipe = undefined;
  }
}
