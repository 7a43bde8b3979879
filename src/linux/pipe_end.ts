/**
 * The reading end of a pipe, through the C library: how full it is, how much it holds, and what comes out.
 *
 * Deno's own streams of a child have the kernel wake us at every write(2), also where there is something in the
 * pipe already: of a program that prints short lines that takes a third of its speed (Linux 6.18: 100 bytes a
 * write, 29 MB/s instead of 40). Here one is woken once for each read.
 *
 * Permissions: `--allow-ffi`.
 *
 * @see https://man7.org/linux/man-pages/man7/pipe.7.html
 * @module
 */
import { type Libc, openDescriptor } from "./libc.ts";
import { type Readiness, watchReadable } from "./readiness.ts";

/** open(2): the same numbers on every architecture that Deno runs on. */
const O_RDONLY_NONBLOCK_CLOEXEC = 0o2004000;

/** `FIONREAD` of asm-generic/ioctls.h, and fcntl(2)'s commands. */
const FIONREAD = 0x541bn;
const F_SETPIPE_SZ = 1031;
const F_GETPIPE_SZ = 1032;

/** What anybody may ask for (`/proc/sys/fs/pipe-max-size`); a pipe has 64 KiB else. */
const LARGE_BYTES = 1024 * 1024;

/** The reading end of one pipe. */
export interface PipeEnd {
  /** How many bytes wait in it. */
  readonly countWaiting: () => number;
  /** Reads from it, until nobody has its writing end any more or the stream is cancelled; once. */
  readonly read: () => ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  /** Lets go of it. */
  readonly close: () => void;
}

/**
 * Opens the reading end of a pipe, and enlarges it: a program that prints much then waits less often.
 */
export function openPipeEnd(libc: Libc, path: string): PipeEnd | undefined {
  const descriptor = openDescriptor(libc, path, O_RDONLY_NONBLOCK_CLOEXEC);
  if (descriptor < 0) return undefined;
  enlargePipe(libc, descriptor);
  const count = new Int32Array(1);
  const buffer = new Uint8Array(count.buffer);
  let readiness: Readiness | undefined;
  return {
    countWaiting: () => libc.ioctl(descriptor, FIONREAD, buffer) < 0 ? 0 : count[0] ?? 0,
    read: () => {
      readiness = watchReadable(libc, descriptor);
      return readiness && openStream(libc, descriptor, readiness);
    },
    close: () => {
      readiness?.close();
      libc.close(descriptor);
    },
  };
}

/** What is read at once for a reader without a buffer of its own. */
const CHUNK_BYTES = 64 * 1024;

/** So many full buffers of a flood are read one after the other; then others get their turn. */
const MAX_AT_ONCE = 8;

/** Waits before each read but in a flood, where there will be something. */
function openStream(
  libc: Libc,
  descriptor: number,
  readiness: Readiness,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let inTurn = 0;
  let isCancelled = false;
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: CHUNK_BYTES,
    pull: async (controller) => {
      const request = controller.byobRequest!; // Always, with autoAllocateChunkSize.
      const view = request.view as Uint8Array<ArrayBuffer>;
      const read = () => Number(libc.read(descriptor, view, BigInt(view.length)));
      let count = inTurn > 0 ? read() : -1;
      while (count < 0) {
        const isReadable = await readiness.wait();
        if (!isReadable || isCancelled) return; // The descriptor may be somebody else's already.
        count = read();
      }
      inTurn = count < view.length ? 0 : (inTurn + 1) % MAX_AT_ONCE;
      if (count === 0) {
        readiness.close();
        controller.close();
      }
      request.respond(count);
    },
    cancel: () => {
      isCancelled = true;
      readiness.close();
    },
  });
}

/** Lets a pipe hold more. What is no pipe, or is large already, stays as it is. */
export function enlargePipe(libc: Libc, descriptor: number): void {
  const bytes = libc.fcntl(descriptor, F_GETPIPE_SZ, 0n);
  if (bytes > 0 && bytes < LARGE_BYTES) libc.fcntl(descriptor, F_SETPIPE_SZ, BigInt(LARGE_BYTES));
}
