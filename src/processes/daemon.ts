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
import { isAbsence, type ProcessEntry } from "./process_table.ts";
import { isCleaner } from "./sweep.ts";

/** What tells the daemons of one program. */
export interface DaemonTarget {
  /** supervisord's session, in which its programs begin. */
  readonly sessionId: number;
  /** Whether the command is known to daemonize: then any process that it leaves is its daemon. */
  readonly isKnown: boolean;
}

/**
 * Finds the daemons of a program that has ended.
 *
 * @param remains What it left.
 * @param target What tells them.
 * @returns Their pids; none where it cannot be known.
 */
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
