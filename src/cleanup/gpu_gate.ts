/**
 * Waits until dead workers have let go of the GPU: a killed process may take seconds to leave the
 * driver, and an engine that starts before runs out of memory.
 *
 * Permissions: all of them, for `/proc`.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { isAbsence, isSame, lookAt, type ProcessEntry } from "../linux/process_table.ts";

/** Devices whose memory lives as long as somebody holds them open: NVIDIA's, AMD's, the DRM's. */
const DEVICE = /^\/dev\/(nvidia|kfd$|dri\/)/;

/** `PF_EXITING` of the kernel's `include/linux/sched.h`, in a thread's flags. */
const EXITING = 0x4;

/** Between two looks, ms. */
const POLL_INTERVAL_MS = { min: 10, max: 250 } as const;

/**
 * Tells which of these processes still hold a GPU. Every thread is looked at, because a process whose
 * first thread is gone looks dead while another is still in the driver. One of which it cannot be told,
 * another user's for example, is taken to hold one for as long as it is there, where there is any.
 */
export function readGpuHolders(processes: readonly ProcessEntry[]): ProcessEntry[] {
  return processes.filter((process) => {
    const look = lookAt(process.pid);
    if (look.kind === "gone") return false;
    if (look.kind === "unknown") return hasGpu();
    return isSame(look.process, process) && holdsGpu(process.pid);
  });
}

function holdsGpu(pid: number): boolean {
  const threads = list(`/proc/${pid}/task`);
  if (threads === "unknown") return hasGpu();
  return threads.some((thread) => {
    const directory = `/proc/${pid}/task/${thread}`;
    if (isLeaving(directory) && hasGpu()) return true;
    const descriptors = list(`${directory}/fd`);
    if (descriptors === "unknown") return !isZombie(directory) && hasGpu();
    return descriptors.some((descriptor) => DEVICE.test(readLink(`${directory}/fd/${descriptor}`)));
  });
}

/** A thread's state and flags; `undefined` where they cannot be read. */
function readState(directory: string): { state: string; flags: number } | undefined {
  try {
    const stat = Deno.readTextFileSync(`${directory}/stat`);
    const [state = "", , , , , , flags] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state, flags: Number(flags) };
  } catch {
    return undefined;
  }
}

function isZombie(directory: string): boolean {
  return /[ZX]/.test(readState(directory)?.state ?? "");
}

/**
 * Whether a thread is on its way out and not a zombie yet. It first gives up its list of open files, and
 * only then is each closed: while the driver works on that, nothing shows what the thread held.
 */
function isLeaving(directory: string): boolean {
  const { state = "", flags = 0 } = readState(directory) ?? {};
  return state !== "" && !/[ZX]/.test(state) && (flags & EXITING) !== 0;
}

function hasGpu(): boolean {
  const devices = list("/dev");
  return devices === "unknown" ||
    devices.some((name) => DEVICE.test(`/dev/${name}`) || name === "dri");
}

function list(directory: string): string[] | "unknown" {
  try {
    return [...Deno.readDirSync(directory)].map(({ name }) => name);
  } catch (error) {
    return isAbsence(error) ? [] : "unknown";
  }
}

function readLink(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}

/** How the wait ended. */
export interface GpuWait {
  /** How long it took, ms; 0 where there was nothing to wait for. */
  readonly waitedMs: number;
  /** Who still holds a GPU. */
  readonly holders: readonly ProcessEntry[];
}

/** Waits until none of these processes holds a GPU. */
export async function waitForGpu(
  processes: readonly ProcessEntry[],
  timeoutMs: number,
  onWait: (holders: readonly ProcessEntry[]) => void,
): Promise<GpuWait> {
  const startMs = performance.now();
  let holders = readGpuHolders(processes);
  if (holders.length > 0) onWait(holders);
  for (let pauseMs: number = POLL_INTERVAL_MS.min; holders.length > 0;) {
    if (performance.now() - startMs >= timeoutMs) break;
    await delay(pauseMs);
    pauseMs = Math.min(pauseMs * 2, POLL_INTERVAL_MS.max);
    holders = readGpuHolders(holders);
  }
  return { waitedMs: performance.now() - startMs, holders };
}
