/**
 * How the engine's output reaches ours.
 *
 * supervisord opens `/dev/fd/1` anew for every start of a program. Where that works, bytes go from it
 * straight to the container's output, at no cost to us. It does not work on a socket (ENXIO), on a pipe
 * that another user owns (EACCES), on a named pipe without a reader (it would wait for one for ever),
 * and on a file that was not opened for appending (writers would overwrite each other). There
 * supervisord gets a pipe of ours, and we copy.
 *
 * Permissions: all of them for `/proc`; without them output is always copied.
 *
 * @module
 */

/** What a program of supervisord's gets as its output. */
export type OutputMode = "inherit" | "piped";

const O_APPEND = 0o2000;

/**
 * Decides how supervisord's output descriptor is to be set up.
 *
 * @param descriptor 1 for stdout, 2 for stderr.
 * @returns `inherit` where supervisord can open it anew, else `piped`.
 */
export function findOutputMode(descriptor: 1 | 2): OutputMode {
  const path = `/proc/self/fd/${descriptor}`;
  try {
    const target = Deno.readLinkSync(path);
    const info = Deno.statSync(path);
    // Only an anonymous pipe can be opened without waiting for the other side.
    if (info.isFifo && !target.startsWith("pipe:")) return "piped";
    if (info.isFile && !isAppending(descriptor)) return "piped";
    Deno.openSync(path, { write: true, append: true }).close();
    return "inherit";
  } catch {
    return "piped";
  }
}

function isAppending(descriptor: number): boolean {
  const text = Deno.readTextFileSync(`/proc/self/fdinfo/${descriptor}`);
  const flags = /^flags:\s*([0-7]+)/m.exec(text)?.[1] ?? "0";
  return (parseInt(flags, 8) & O_APPEND) !== 0;
}

/** Enough for a pipe's whole buffer at once. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Copies a stream to a descriptor of ours until it ends. A reader that went away loses the output and
 * nothing else: the rest is read and dropped, so that the program never waits for it.
 *
 * @param from The stream.
 * @param to Where to.
 */
export async function relayOutput(
  from: ReadableStream<Uint8Array<ArrayBuffer>>,
  to: { write(data: Uint8Array): Promise<number> },
): Promise<void> {
  const reader = from.getReader({ mode: "byob" });
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
