/**
 * Which sockets listen on which TCP port of this network namespace.
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
  /** The port of each socket that listens, by its inode. */
  readonly ports: ReadonlyMap<string, number>;
  /** Whether it goes on to sockets that do not listen, which the kernel lists last. */
  readonly isOver: boolean;
}

/** Parses lines of `/proc/net/tcp` or `/proc/net/tcp6`. */
export function parseListening(lines: readonly string[]): ListeningPart {
  const ports = new Map<string, number>();
  for (const line of lines) {
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
    const [number = "", local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
    if (!/^\d+:$/.test(number)) continue;
    if (state !== LISTEN) return { ports, isOver: true };
    const port = parseInt(local.slice(local.lastIndexOf(":") + 1), 16);
    if (inode !== undefined && port > 0) ports.set(inode, port);
  }
  return { ports, isOver: false };
}

/**
 * Finds the sockets that listen, of both versions of IP. Connections are not read: there may be a hundred
 * thousand.
 */
export async function readListening(): Promise<ReadonlyMap<string, number> | undefined> {
  const found = new Map<string, number>();
  let tables = 0;
  for (const name of ["tcp", "tcp6"]) {
    try {
      await readTable(`/proc/net/${name}`, found);
      tables++;
    } catch { /* No such version of IP here, or no /proc. */ }
  }
  return tables === 0 ? undefined : found;
}

async function readTable(path: string, found: Map<string, number>): Promise<void> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(CHUNK_BYTES);
  const decoder = new TextDecoder();
  for (let rest = "";;) {
    const count = await file.read(buffer);
    if (count === null) return;
    const lines = (rest + decoder.decode(buffer.subarray(0, count))).split("\n");
    rest = lines.pop() ?? "";
    const part = parseListening(lines);
    for (const [inode, port] of part.ports) found.set(inode, port);
    if (part.isOver) return;
  }
}
