/**
 * Kills what a dead program left behind.
 *
 * Nets that overlap, since none catches all: its process group (supervisord makes each program a group
 * leader); every process that inherited its marker, the variables that supervisord and we put into its
 * environment, wherever it moved; and, because a process that sets its own title often overwrites the
 * environment that `/proc` shows, its descendants as they were last seen, and what we adopted.
 *
 * Permissions: `--allow-run` for signals; all of them for `/proc`, without which only the process
 * group is reached.
 *
 * @module
 */
import {
  hasEnded,
  hasEnvironment,
  isEnvironmentLegible,
  type ProcessEntry,
  readProcess,
  readProcesses,
} from "./process_table.ts";

/** What is swept. */
export interface SweepTarget {
  /** The dead programs' process groups. */
  readonly groups: ReadonlySet<number>;
  /**
   * supervisord's session, named by its pid, in which those groups lie: a group of the same number
   * elsewhere is a stranger's, who got the number after them.
   */
  readonly sessionId: number;
  /** `NAME=value` each; a process that carries all of them is swept. Empty: none is. */
  readonly marker: readonly string[];
  /** Processes known to descend from the programs. */
  readonly known: readonly ProcessEntry[];
  /**
   * Who adopts the programs' orphans. Children that it has got since it was last looked at, and whose
   * environment has been overwritten, are swept too: they had a marker once.
   */
  readonly adopter: number | undefined;
  /** The adopter's children when it was last looked at. */
  readonly adoptedBefore: readonly ProcessEntry[];
  /** Processes never to touch, such as our own. */
  readonly spared: ReadonlySet<number>;
}

/** What a sweep did. */
export interface SweepResult {
  /** Processes that were killed. */
  readonly killed: readonly ProcessEntry[];
  /** Those that were still there when patience ended. */
  readonly left: readonly ProcessEntry[];
}

/** The kernel's threads are children of kthreadd, pid 2 on a host, and no business of ours. */
const KTHREADD = 2;

/** In a process namespace pid 2 is somebody else: behind an init it is likely to be us. */
function hasKernelThreads(): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${KTHREADD}/comm`) === "kthreadd\n";
  } catch {
    return false;
  }
}

/** How long killed processes may take to disappear, ms: one in an uninterruptible wait may never. */
const SWEEP_PATIENCE_MS = 5_000;

function findTargets(
  target: SweepTarget,
  processes: readonly ProcessEntry[],
): ProcessEntry[] {
  // What descends from a live supervisord runs by its will, such as an engine that somebody has started
  // meanwhile; orphans do not.
  const wanted = new Set(findDescendants([target.sessionId], processes).map(({ pid }) => pid));
  const known = new Map(target.known.map((process) => [process.pid, process.startTicks]));
  const kernelParent = hasKernelThreads() ? KTHREADD : undefined;
  return processes.filter((process) =>
    !hasEnded(process) && process.parentPid !== kernelParent &&
    !target.spared.has(process.pid) && !wanted.has(process.pid) && (
      isInGroups(process, target) ||
      known.get(process.pid) === process.startTicks ||
      isNewlyAdopted(process, target) ||
      (target.marker.length > 0 && hasEnvironment(process.pid, target.marker))
    )
  );
}

/** Those that were adopted before the program died are strangers', as a container's other daemons are. */
function isNewlyAdopted(process: ProcessEntry, target: SweepTarget): boolean {
  return process.parentPid === target.adopter &&
    !target.adoptedBefore.some((before) => isSame(before, process)) &&
    !isEnvironmentLegible(process.pid);
}

function isSame(a: ProcessEntry, b: ProcessEntry): boolean {
  return a.pid === b.pid && a.startTicks === b.startTicks;
}

function isInGroups({ groupId, sessionId }: ProcessEntry, target: SweepTarget): boolean {
  return sessionId === target.sessionId && target.groups.has(groupId);
}

/**
 * Kills what is left of programs, and waits until it is gone, zombies aside. It looks again until it
 * finds nothing, because a process may fork while it is being swept.
 *
 * @param target What to sweep.
 * @returns What was killed, and what would not die.
 */
export async function sweep(target: SweepTarget): Promise<SweepResult> {
  const killed = new Map<string, ProcessEntry>();
  const deadline = performance.now() + SWEEP_PATIENCE_MS;
  for (let pauseMs = 1;; pauseMs = Math.min(pauseMs * 2, 50)) {
    const processes = readProcesses();
    const found = findTargets(target, processes);
    // Without /proc nothing can be looked at first, and the groups are all that is known.
    if (processes.length === 0) target.groups.forEach((group) => sendSignal(-group, "SIGKILL"));
    if (found.length === 0) return { killed: [...killed.values()], left: [] };
    // A group in one call: nothing in it can fork its way out between look and kill.
    const groups = new Set(
      found.filter((process) => isInGroups(process, target))
        .map(({ groupId }) => groupId),
    );
    for (const group of groups) sendSignal(-group, "SIGKILL");
    for (const process of found) {
      sendSignal(process.pid, "SIGKILL");
      killed.set(`${process.pid} ${process.startTicks}`, process);
    }
    if (performance.now() > deadline) return { killed: [...killed.values()], left: found };
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/**
 * Sends a signal to a process, or with a negative number to a process group.
 *
 * @param pid The process, or minus the group.
 * @param signal Which.
 * @returns Whether there was somebody to receive it.
 */
export function sendSignal(pid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(pid, signal);
    return true;
  } catch {
    return false; // Gone already, or another user's.
  }
}

/**
 * Finds every descendant of processes.
 *
 * @param roots The processes.
 * @param processes The whole table.
 * @returns The descendants, without the roots.
 */
export function findDescendants(
  roots: Iterable<number>,
  processes: readonly ProcessEntry[],
): ProcessEntry[] {
  const children = Map.groupBy(processes, (process) => process.parentPid);
  const found: ProcessEntry[] = [];
  const queue = [...roots];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    for (const child of children.get(pid) ?? []) {
      found.push(child);
      queue.push(child.pid);
    }
  }
  return found;
}

/** Whether a process lives, zombies not counted. */
export function isAlive(pid: number): boolean {
  return !hasEnded(readProcess(pid));
}
