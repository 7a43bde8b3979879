/**
 * Tells what a program that has just ended left running on purpose: a daemon.
 *
 * A worker that was left behind by accident looks different: it has the output of its engine still, and
 * mostly its session.
 *
 * Permissions: all of them, for `/proc`.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { isAbsence, type ProcessEntry } from "../linux/process_table.ts";
import { isJustSpawned } from "../linux/signal_fate.ts";
import { isCleaner } from "./sweep.ts";

/** What tells the daemons of one program. */
export interface DaemonTarget {
  /** supervisord's session, in which its programs begin. */
  readonly sessionId: number;
  /** Whether the command is known to daemonize: then any process that it leaves is its daemon. */
  readonly isKnown: boolean;
}

/** Finds the daemons of a program that has ended. */
export function findDaemons(remains: readonly ProcessEntry[], target: DaemonTarget): number[] {
  return remains
    .filter(({ pid, sessionId }) =>
      !isCleaner(pid) && (target.isKnown || (sessionId !== target.sessionId && hasLetGo(pid)))
    )
    .map(({ pid }) => pid);
}

/** daemon(3): a session of its own, and none of the output. */
function hasLetGo(pid: number): boolean {
  try {
    return !/^(pipe|socket):/.test(Deno.readLinkSync(`/proc/${pid}/fd/1`));
  } catch (error) {
    return isAbsence(error); // Closed; what may not be read is unknown.
  }
}

/** How long a daemon may take to be seen as one after its parent's end, and between two looks, ms. */
const LET_GO_MS = { max: 100, pause: 10 } as const;

/**
 * Finds the daemons of a program that has just ended. Its parent may end before a daemon has let go of what
 * it inherits: that is waited for while any of them is young, as the workers of a crash are not.
 */
export async function waitForDaemons(
  findOrphans: () => Promise<readonly ProcessEntry[] | undefined>,
  target: DaemonTarget,
): Promise<readonly number[]> {
  const untilMs = performance.now() + LET_GO_MS.max;
  for (;;) {
    const left = await findOrphans() ?? [];
    const daemons = findDaemons(left, target);
    const isYoung = left.some(({ pid }) => isJustSpawned(pid));
    if (!isYoung || daemons.length > 0 || performance.now() >= untilMs) return daemons;
    await delay(LET_GO_MS.pause);
  }
}
