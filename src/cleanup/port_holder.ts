/**
 * Who listens on a TCP port.
 *
 * Permissions: all of them, for `/proc`.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { mayReadProc } from "../host/ask_permission.ts";
import { readListening } from "../linux/listening_sockets.ts";
import { listPids, lookAt, type ProcessEntry } from "../linux/process_table.ts";
import { Slices } from "../linux/yielding.ts";

/** A process that listens on a port. */
export interface PortListener {
  readonly process: ProcessEntry;
  /** Its program's name, without arguments, which may hold secrets. */
  readonly command: string;
  /** Whether it is of our family. */
  readonly isOurs: boolean;
}

/** What can be said of a port. */
export type PortHolder =
  /** Somebody listens on it. */
  | {
    readonly kind: "present";
    /** Who can be seen to: nobody where that is another container's, or another user's. */
    readonly listeners: readonly PortListener[];
  }
  /** Nobody listens on it. */
  | { readonly kind: "gone" }
  /** It cannot be told. */
  | { readonly kind: "unknown" };

/** Finds out who listens on a TCP port of this network namespace. */
export async function findPortHolder(
  port: number,
  owns: (process: ProcessEntry) => boolean,
): Promise<PortHolder> {
  const listening = mayReadProc() ? await readListening() : undefined;
  if (listening === undefined) return { kind: "unknown" };
  const inodes = [...listening].filter(([, of]) => of === port).map(([inode]) => inode);
  if (inodes.length === 0) return { kind: "gone" };
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const slices = new Slices();
  const listeners: PortListener[] = [];
  for (const pid of await slices.wait(listPids()) ?? []) {
    await slices.pause();
    if (!await holdsAny(pid, sockets, slices)) continue;
    const look = lookAt(pid);
    if (look.kind !== "present") continue;
    const { process } = look;
    listeners.push({ process, command: readName(pid), isOurs: owns(process) });
  }
  return { kind: "present", listeners };
}

async function holdsAny(pid: number, sockets: ReadonlySet<string>, slices: Slices) {
  const directory = `/proc/${pid}/fd`;
  let names: string[];
  try {
    names = [...Deno.readDirSync(directory)].map(({ name }) => name);
  } catch {
    return false; // Another user's, or gone: somebody listens anyway, and is not named.
  }
  for (const name of names) {
    await slices.pause();
    try {
      if (sockets.has(Deno.readLinkSync(`${directory}/${name}`))) return true;
    } catch { /* Closed meanwhile. */ }
  }
  return false;
}

function readName(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/comm`).trim();
  } catch {
    return "?";
  }
}

/** Says who holds a port, for people. */
export function renderPortHolder(holder: PortHolder): string | undefined {
  if (holder.kind !== "present") return undefined;
  if (holder.listeners.length === 0) return "a process that cannot be seen from here";
  const [first, ...others] = holder.listeners;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `pid ${first?.process.pid} (${first?.command})${more}`;
}

/** Between two looks, ms. */
const POLL_INTERVAL_MS = { min: 10, max: 250 } as const;

/** Waits until none of ours listens on a port. Strangers are not waited for. */
export async function waitForPort(
  port: number,
  owns: (process: ProcessEntry) => boolean,
  timeoutMs: number,
  onWait: (holder: PortHolder) => void,
): Promise<PortHolder> {
  const beginMs = performance.now();
  let hasSaid = false;
  for (let pauseMs: number = POLL_INTERVAL_MS.min;;) {
    const holder = await findPortHolder(port, owns);
    const isOurs = holder.kind === "present" && holder.listeners.some((one) => one.isOurs);
    if (!isOurs) return holder;
    if (!hasSaid) onWait(holder);
    hasSaid = true;
    if (performance.now() - beginMs >= timeoutMs) return holder;
    await delay(pauseMs);
    pauseMs = Math.min(pauseMs * 2, POLL_INTERVAL_MS.max);
  }
}
