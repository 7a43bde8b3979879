/**
 * What `/proc` says of processes: present, gone, or unknown. "Unknown" is never read as another answer;
 * each caller says what it does then.
 *
 * Permissions: all of them; Deno guards every file under `/proc` with `--allow-all`.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 * @module
 */
import { hasBit, parseStatusMask } from "./status_mask.ts";
import { mayReadProc } from "../host/ask_permission.ts";

/** One process. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  readonly sessionId: number;
  /** `R`, `S`, `D`, `Z` for a zombie, `T` when stopped … */
  readonly state: string;
  /** Its threads that live; 0 or 1 for an ordinary zombie. */
  readonly threads: number;
  /** When it started, in clock ticks since boot: with the pid it names one process. */
  readonly startTicks: string;
}

/** Parses `/proc/<pid>/stat`. */
export function parseStat(text: string): ProcessEntry | undefined {
  const nameEnd = text.lastIndexOf(")");
  const pid = parseInt(text, 10);
  const fields = text.slice(nameEnd + 2).split(" ");
  const [state, parentPid, groupId, sessionId] = fields;
  const startTicks = fields[19];
  if (nameEnd < 0 || Number.isNaN(pid) || state === undefined || startTicks === undefined) {
    return undefined;
  }
  return {
    pid,
    parentPid: Number(parentPid),
    groupId: Number(groupId),
    sessionId: Number(sessionId),
    state,
    threads: Number(fields[17]),
    startTicks,
  };
}

/** What can be said of one process. */
export type Look =
  | { readonly kind: "present"; readonly process: ProcessEntry }
  /** There is no such process. */
  | { readonly kind: "gone" }
  /** It cannot be told: no permission, no `/proc`, or another user's process that is hidden. */
  | { readonly kind: "unknown" };

const GONE: Look = { kind: "gone" };
const UNKNOWN: Look = { kind: "unknown" };

/**
 * Tells whether a process has ended, reaped or not. One whose first thread has ended looks like a zombie
 * while its other threads go on.
 */
export function hasEnded(look: Look): boolean | undefined {
  if (look.kind === "unknown") return undefined;
  return look.kind === "gone" || isOver(look.process);
}

/** Whether nothing of a process runs any more, though it may not have been reaped. */
export function isOver({ state, threads }: ProcessEntry): boolean {
  return state === "X" || (state === "Z" && threads <= 1);
}

/** What tells a process from a later one with the same pid, as a key. */
export function keyOf({ pid, startTicks }: ProcessEntry): string {
  return `${pid} ${startTicks}`;
}

/** Whether two entries are of the same process. */
export function isSame(a: ProcessEntry, b: ProcessEntry): boolean {
  return keyOf(a) === keyOf(b);
}

/**
 * Whether an error says that what was asked for is not there. A process that ends between open(2) and
 * read(2) is ESRCH, for which Deno has no class.
 */
export function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    (error instanceof Error && "code" in error && error.code === "ESRCH");
}

/** Looks at one process. */
export function lookAt(pid: number): Look {
  if (!mayReadProc()) return UNKNOWN;
  try {
    const process = parseStat(Deno.readTextFileSync(`/proc/${pid}/stat`));
    return process === undefined ? UNKNOWN : { kind: "present", process };
  } catch (error) {
    return isAbsence(error) && canSeeStrangers() ? GONE : UNKNOWN;
  }
}

/** Whether `/proc` is there and may be read. */
export function canReadProcesses(): boolean {
  if (!mayReadProc()) return false;
  try {
    return parseStat(Deno.readTextFileSync("/proc/self/stat")) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Reads which pid namespace this process is in.
 *
 * @see https://man7.org/linux/man-pages/man7/pid_namespaces.7.html
 */
export function readPidNamespace(): string | undefined {
  if (!mayReadProc()) return undefined;
  try {
    return Deno.readLinkSync("/proc/self/ns/pid");
  } catch {
    return undefined;
  }
}

/** What lets one process look into another user's, of capabilities(7). */
export const CAP_SYS_PTRACE = 19;

/** Whether this process has a capability in effect. */
export function hasCapability(number: number): boolean {
  if (!mayReadProc()) return false;
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    return hasBit(parseStatusMask(status, "CapEff"), number);
  } catch {
    return false;
  }
}

let seesStrangers: boolean | undefined;

/**
 * Whether a process that is not seen is not there: `/proc` can be read, and is not mounted with
 * `hidepid`, which hides other users' processes. Asked once.
 *
 * @see https://man7.org/linux/man-pages/man5/proc.5.html
 */
export function canSeeStrangers(): boolean {
  return seesStrangers ??= canReadProcesses() && !isHiding();
}

function isHiding(): boolean {
  try {
    const mounts = Deno.readTextFileSync("/proc/self/mounts").split("\n");
    const options = mounts.map((line) => line.split(" ")).findLast(([, at]) => at === "/proc")?.[3];
    return /(^|,)hidepid=([12]|noaccess|invisible)(,|$)/.test(options ?? "") &&
      !hasCapability(CAP_SYS_PTRACE);
  } catch {
    return false;
  }
}

/**
 * Lists the pids in `/proc`. Not in one piece: with 20,000 of them that would hold the loop for 30 ms.
 */
export async function listPids(): Promise<number[] | undefined> {
  if (!mayReadProc()) return undefined;
  try {
    const pids: number[] = [];
    for await (const { name } of Deno.readDir("/proc")) {
      const first = name.charCodeAt(0);
      if (first >= 0x31 && first <= 0x39) pids.push(Number(name));
    }
    return pids;
  } catch {
    return undefined;
  }
}

/** The inode of the first pid namespace, `PROC_PID_INIT_INO` of the kernel's `linux/proc_ns.h`. */
const FIRST_NAMESPACE = "pid:[4026531836]";

/** Counts the processes in `/proc`. */
export async function countProcesses(): Promise<number | undefined> {
  if (!mayReadProc()) return undefined;
  try {
    // A directory's links count its subdirectories, and of /proc all processes of all namespaces: exact
    // where there may be many, and at once.
    const links = Deno.statSync("/proc").nlink;
    if (links !== null && readPidNamespace() === FIRST_NAMESPACE) return links;
  } catch { /* Then they are counted one by one. */ }
  return (await listPids())?.length;
}

/** Lists the threads of a process. */
export function listThreads(pid: number): number[] | undefined {
  if (!mayReadProc()) return undefined;
  try {
    return [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => Number(name));
  } catch {
    return undefined;
  }
}

/** Reads the children of one thread of a process. */
export function readChildren(pid: number, thread: number): number[] | undefined {
  if (!mayReadProc()) return undefined;
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/task/${thread}/children`);
    return text.split(" ").filter((word) => word !== "").map(Number);
  } catch (error) {
    // It has ended: a thread may at any time, and the first one with its process.
    const isOver = isAbsence(error) && (thread !== pid || lookAt(pid).kind === "gone");
    return isOver ? [] : undefined;
  }
}

/** `USER_HZ`, in which `/proc` tells when a process started: 100 on every architecture that Deno runs on. */
const TICKS_PER_SECOND = 100;

/** The time that a process which starts now has as its {@linkcode ProcessEntry.startTicks}. */
export function readUptimeTicks(): number | undefined {
  if (!mayReadProc()) return undefined;
  try {
    return Math.floor(parseFloat(Deno.readTextFileSync("/proc/uptime")) * TICKS_PER_SECOND);
  } catch {
    return undefined;
  }
}
