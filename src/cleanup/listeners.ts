/**
 * Who listens on a TCP port: the engine, somebody else, or nobody; and where the engine listens instead.
 *
 * Permissions: all of them, for `/proc`.
 * @module
 */
import { mayReadProc } from "../host/ask_permission.ts";
import { readListening } from "../linux/listening_sockets.ts";
import { isAbsence, type ProcessEntry } from "../linux/process_table.ts";
import { Slices } from "../linux/yielding.ts";

/** What is known of a port. */
export interface PortView {
  /** Who listens on it; `apart` where the engine has a network namespace of its own. */
  readonly owner: "ours" | "stranger" | "nobody" | "apart" | "unknown";
  /** A port on which the engine's main process listens instead; `undefined` where there is none. */
  readonly elsewhere: number | undefined;
  /** Where it listens on none but such, the ports of its that the kernel chose. */
  readonly ephemeral?: readonly number[];
}

const UNKNOWN: PortView = { owner: "unknown", elsewhere: undefined };

/** Where `/proc/sys/net/ipv4/ip_local_port_range` cannot be read. */
const FIRST_EPHEMERAL = 32_768;

/** Looks who listens on a port. */
export async function lookAtPort(
  port: number,
  leader: number,
  members: readonly ProcessEntry[],
): Promise<PortView> {
  if (!mayReadProc()) return UNKNOWN;
  const network = readLink(`/proc/${leader}/ns/net`);
  if (network === undefined) return UNKNOWN;
  if (network !== readLink("/proc/self/ns/net")) return { owner: "apart", elsewhere: undefined };
  const listeners = await readListening();
  if (listeners === undefined) return UNKNOWN;
  const wanted = new Set([...listeners].filter(([, of]) => of === port).map(([inode]) => inode));
  const slices = new Slices();
  if (wanted.size === 0) {
    return { owner: "nobody", ...await findElsewhere(leader, members, listeners, slices) };
  }
  let isBlind = false;
  // Right after its start nothing of it may have been seen but its leader.
  for (const pid of members.length > 0 ? members.map(({ pid }) => pid) : [leader]) {
    const sockets = await listSockets(pid, slices);
    if (sockets === undefined) isBlind = true;
    if (sockets?.some((inode) => wanted.has(inode))) return { owner: "ours", elsewhere: undefined };
  }
  if (isBlind) return UNKNOWN;
  return { owner: "stranger", ...await findElsewhere(leader, members, listeners, slices) };
}

/**
 * A port of the main process, seen through a shell that waits for its only child. Workers do not count.
 * Ports that the kernel chose are told apart: PyTorch's store, NCCL and Ray listen on such while a model
 * loads.
 */
async function findElsewhere(
  leader: number,
  members: readonly ProcessEntry[],
  listeners: ReadonlyMap<string, number>,
  slices: Slices,
): Promise<Pick<PortView, "elsewhere" | "ephemeral">> {
  const firstEphemeral = readFirstEphemeral();
  for (let pid: number | undefined = leader; pid !== undefined;) {
    const ports = (await listSockets(pid, slices) ?? []).flatMap((inode) =>
      listeners.get(inode) ?? []
    );
    if (ports.length > 0) {
      const elsewhere = ports.find((port) => port < firstEphemeral);
      return elsewhere === undefined
        ? { elsewhere, ephemeral: [...new Set(ports)].sort((a, b) => a - b) }
        : { elsewhere };
    }
    const parent: number = pid;
    const children = members.filter(({ parentPid }) => parentPid === parent);
    pid = children.length === 1 ? children[0]?.pid : undefined;
  }
  return { elsewhere: undefined };
}

/** The inodes of a process's sockets; `undefined` where they cannot be seen. */
async function listSockets(pid: number, slices: Slices): Promise<string[] | undefined> {
  const sockets: string[] = [];
  try {
    for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${name}`) ?? "") ?? [];
      if (inode !== undefined) sockets.push(inode);
      await slices.pause();
    }
  } catch (error) {
    return isAbsence(error) ? [] : undefined;
  }
  return sockets;
}

function readFirstEphemeral(): number {
  try {
    const text = Deno.readTextFileSync("/proc/sys/net/ipv4/ip_local_port_range");
    return parseInt(text, 10) || FIRST_EPHEMERAL;
  } catch {
    return FIRST_EPHEMERAL;
  }
}

function readLink(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined;
  }
}
