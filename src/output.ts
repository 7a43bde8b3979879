/**
 * How the engine's output reaches ours.
 *
 * supervisord opens a log file's path anew for every start of a program. Given `/proc/<our pid>/fd/1`,
 * bytes go from it straight to the container's output, at no cost to us. That does not work on a socket
 * (ENXIO), on a pipe that another user owns (EACCES), on a named pipe without a reader (it would wait
 * for one for ever), and on a file that was not opened for appending (writers would overwrite each
 * other). There supervisord gets a pipe of ours as its own output, and we copy.
 *
 * Its own stderr is never the container's: when a reader has gone, it writes a traceback there for each
 * chunk, and where that fails too it stops to read from the engine (seen with 4.2.5 and 4.3.0).
 *
 * Permissions: all of them for `/proc`; without them output is always copied.
 *
 * @module
 */

/** How supervisord reaches one of our descriptors. */
export interface OutputRoute {
  /** The path that it opens. */
  readonly path: string;
  /** Whether it leads to a pipe that we copy from. */
  readonly isCopied: boolean;
}

/**
 * Decides how supervisord reaches one of our descriptors.
 *
 * @param descriptor 1 for stdout, 2 for stderr.
 * @param mustCopy Whether it cannot open what is ours, or shares its own with its programs.
 * @returns The way.
 */
export function findOutputRoute(descriptor: 1 | 2, mustCopy: boolean): OutputRoute {
  return !mustCopy && canBeOpened(descriptor)
    ? { path: `/proc/${Deno.pid}/fd/${descriptor}`, isCopied: false }
    : { path: `/dev/fd/${descriptor}`, isCopied: true };
}

const O_APPEND = 0o2000;

function canBeOpened(descriptor: 1 | 2): boolean {
  const path = `/proc/self/fd/${descriptor}`;
  try {
    const target = Deno.readLinkSync(path);
    const info = Deno.statSync(path);
    // Only an anonymous pipe can be opened without waiting for the other side.
    if (info.isFifo && !target.startsWith("pipe:")) return false;
    if (info.isFile && !isAppending(descriptor)) return false;
    Deno.openSync(path, { write: true, append: true }).close();
    return true;
  } catch {
    return false;
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
