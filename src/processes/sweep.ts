/**
 * Kills what a dead program left behind, and spares those who clean up after it.
 *
 * Python's `multiprocessing.resource_tracker` removes the shared memory and semaphores of the dead when
 * its pipe closes, that is when all who hold it are dead. Killed with them, each crash of an engine
 * would leak its segments in `/dev/shm`.
 *
 * Permissions: `--allow-run` for signals; all of them for `/proc`.
 *
 * @see https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods
 * @module
 */
import { delay } from "@std/async/delay";
import { isSame, keyOf, lookAt, type ProcessEntry } from "../linux/process_table.ts";
import { sendSignal, trySignal } from "../linux/send_signal.ts";

/** What a sweep did. */
export interface SweepResult {
  /** Processes that were killed. */
  readonly killed: readonly ProcessEntry[];
  /** Those that were still there when patience ended. */
  readonly left: readonly ProcessEntry[];
  /** Whether those may not be signalled. */
  readonly isRefused?: boolean;
}

/** What is swept. */
export interface SweepTarget {
  /** Finds what is there now; `undefined` where that cannot be seen. */
  readonly find: () => Promise<readonly ProcessEntry[] | undefined>;
  /** The dead programs' process groups: each is killed in one call. */
  readonly groups: ReadonlySet<number>;
  /** The session in which those groups lie; of the same number elsewhere they are a stranger's. */
  readonly sessionId: number;
}

/** How long killed processes may take to disappear, ms: one in an uninterruptible wait may never. */
const SWEEP_PATIENCE_MS = 5_000;

/** How long a cleaner may take once all others are gone, ms. */
const CLEANER_PATIENCE_MS = 1_000;

/** Between two looks, ms. */
const PAUSE_MS = { min: 1, max: 50 } as const;

/** `python -c 'from multiprocessing.resource_tracker import main;main(5)'`, and joblib's like it. */
const CLEANER = /\bresource_tracker import main\b/;

/** Whether a process removes what dead ones have left in shared memory. */
export function isCleaner(pid: number): boolean {
  try {
    return CLEANER.test(Deno.readTextFileSync(`/proc/${pid}/cmdline`));
  } catch {
    return false;
  }
}

/**
 * Kills what is left of programs, and waits until it is gone, zombies aside. It looks again until it
 * finds nothing, because a process may fork while it is being swept. Cleaners get a moment once all
 * others are gone, and are killed then.
 */
export async function sweep(target: SweepTarget): Promise<SweepResult> {
  const killed = new Map<string, ProcessEntry>();
  const cleaners = new Map<number, boolean>();
  const beginMs = performance.now();
  let aloneSinceMs: number | undefined;
  for (let pauseMs: number = PAUSE_MS.min;; pauseMs = Math.min(pauseMs * 2, PAUSE_MS.max)) {
    const found = await target.find();
    if (found === undefined) {
      // Nothing can be looked at first, and the groups are all that is known.
      for (const group of target.groups) sendSignal(-group, "SIGKILL");
      return { killed: [], left: [] };
    }
    if (found.length === 0) return { killed: [...killed.values()], left: [] };
    for (const { pid } of found) if (!cleaners.has(pid)) cleaners.set(pid, isCleaner(pid));
    const condemned = found.filter(({ pid }) => cleaners.get(pid) !== true);
    const nowMs = performance.now();
    if (condemned.length === 0) aloneSinceMs ??= nowMs;
    else aloneSinceMs = undefined;
    const isLate = aloneSinceMs !== undefined && nowMs - aloneSinceMs > CLEANER_PATIENCE_MS;
    const victims = isLate ? found : condemned;
    killGroups(victims, found, target);
    const refused = victims.filter((process) => {
      if (!isStillThere(process)) return false;
      if (trySignal(process.pid, "SIGKILL") === "refused") return true;
      killed.set(keyOf(process), process);
      return false;
    });
    if (refused.length > 0 && refused.length === found.length) {
      return { killed: [...killed.values()], left: found, isRefused: true };
    }
    if (nowMs - beginMs > SWEEP_PATIENCE_MS + CLEANER_PATIENCE_MS) {
      return { killed: [...killed.values()], left: found };
    }
    await delay(pauseMs);
  }
}

/** Its pid may have become another process's since it was found. */
function isStillThere(process: ProcessEntry): boolean {
  const look = lookAt(process.pid);
  return look.kind === "present" && isSame(look.process, process);
}

/** A group in one call: nothing in it can fork its way out between look and kill. */
function killGroups(
  victims: readonly ProcessEntry[],
  found: readonly ProcessEntry[],
  { groups, sessionId }: SweepTarget,
): void {
  const isIn = (process: ProcessEntry) =>
    process.sessionId === sessionId && groups.has(process.groupId);
  const spared = new Set(
    found.filter((process) => !victims.includes(process)).map(({ groupId }) => groupId),
  );
  for (const group of new Set(victims.filter(isIn).map(({ groupId }) => groupId))) {
    if (!spared.has(group)) sendSignal(-group, "SIGKILL");
  }
}
