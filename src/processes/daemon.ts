/**
 * Finds what a program that has just ended left running on purpose: a daemon.
 *
 * A worker that was left behind by accident looks different: it has the output of its engine still, and
 * mostly its session.
 *
 * Permissions: all of them, for `/proc`.
 *
 * @module
 */
import {
  hasEnded,
  hasEnvironment,
  isEnvironmentLegible,
  type ProcessEntry,
  readProcesses,
} from "./process_table.ts";

/** What tells the daemons of one program. */
export interface DaemonTarget {
  /** `NAME=value` each, in the environment of everything the program started. */
  readonly marker: readonly string[];
  /** supervisord's session, in which its programs begin. */
  readonly sessionId: number;
  /** Who adopts orphans. */
  readonly adopter: number;
  /** Whether the command is known to daemonize: then any process that it leaves is its daemon. */
  readonly isKnown: boolean;
}

/**
 * Finds the daemons of a program that has ended.
 *
 * @param target What tells them.
 * @returns Their pids; none where it cannot be known.
 */
export function findDaemons(target: DaemonTarget): number[] {
  return readProcesses()
    .filter((process) => process.parentPid === target.adopter && !hasEnded(process))
    .filter((process) =>
      target.isKnown
        ? hasEnvironment(process.pid, target.marker) || isDetached(process, target)
        : isDetached(process, target)
    )
    .map(({ pid }) => pid);
}

/** daemon(3): a session of its own, and none of the output. nginx writes its title over its environment. */
function isDetached({ pid, sessionId }: ProcessEntry, target: DaemonTarget): boolean {
  return sessionId !== target.sessionId && hasLetGo(pid) &&
    (hasEnvironment(pid, target.marker) || !isEnvironmentLegible(pid));
}

function hasLetGo(pid: number): boolean {
  try {
    return !/^(pipe|socket):/.test(Deno.readLinkSync(`/proc/${pid}/fd/1`));
  } catch (error) {
    return error instanceof Deno.errors.NotFound; // Closed; what may not be read is unknown.
  }
}
