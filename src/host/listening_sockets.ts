/**
 * Which sockets listen on a TCP port of this network namespace.
 *
 * Permissions: all of them, for `/proc`.
 *
 * @see https://docs.kernel.org/networking/proc_net_tcp.html
 * @module
 */

/** `TCP_LISTEN` of the kernel's `include/net/tcp_states.h`. */
const LISTEN = "0A";

const CHUNK_BYTES = 64 * 1024;

/** What part of a table told. */
export interface ListeningPart {
  /** The inodes of the sockets that listen on the port. */
  readonly inodes: readonly string[];
  /** Whether it goes on to sockets that do not listen, which the kernel lists last. */
  readonly isOver: boolean;
}

/**
 * Parses lines of `/proc/net/tcp` or `/proc/net/tcp6`.
 *
 * @param lines Whole lines, the heading among them or not.
 * @param port The port.
 * @returns What they tell.
 */
export function parseListening(lines: readonly string[], port: number): ListeningPart {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes: string[] = [];
  for (const line of lines) {
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
    const [number = "", local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
    if (!/^\d+:$/.test(number)) continue;
    if (state !== LISTEN) return { inodes, isOver: true };
    if (local.endsWith(`:${wanted}`) && inode !== undefined) inodes.push(inode);
  }
  return { inodes, isOver: false };
}

/**
 * Finds the sockets that listen on a port, of both versions of IP. Connections are not read: there may be
 * a hundred thousand.
 *
 * @param port The port.
 * @returns Their inodes; `undefined` where it cannot be told.
 */
export async function findListening(port: number): Promise<readonly string[] | undefined> {
  const found: string[] = [];
  let tables = 0;
  for (const name of ["tcp", "tcp6"]) {
    try {
      found.push(...await readListening(`/proc/net/${name}`, port));
      tables++;
    } catch { /* No such version of IP here, or no /proc. */ }
  }
  return tables === 0 ? undefined : found;
}

async function readListening(path: string, port: number): Promise<string[]> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(CHUNK_BYTES);
  const decoder = new TextDecoder();
  const inodes: string[] = [];
  for (let rest = "";;) {
    const count = await file.read(buffer);
    if (count === null) return inodes;
    const lines = (rest + decoder.decode(buffer.subarray(0, count))).split("\n");
    rest = lines.pop() ?? "";
    const part = parseListening(lines, port);
    inodes.push(...part.inodes);
    if (part.isOver) return inodes;
  }
}
