/**
 * Sees the direct children of programs come and go, as far as looks at the family show them.
 *
 * Permissions: all of them, for `/proc`.
 *
 * @module
 */
import type { Member } from "./family.ts";
import { isOver, keyOf } from "../linux/process_table.ts";
import type { Run } from "./runs.ts";

/** A direct child that has ended while its program's leader lives. */
export interface EndedChild {
  /** The program's run. */
  readonly run: Run;
  /** How long it was seen to live, ms. */
  readonly lifeMs: number;
  /** Whether it ran the executable of its parent. */
  readonly isWorker: boolean;
}

interface Child {
  readonly run: Run;
  readonly sinceMs: number;
  readonly isWorker: boolean;
}

/** Watches children over looks. */
export class ChildWatch {
  #children = new Map<string, Child>();

  /** Records what a look has shown. */
  look(members: readonly Member[], nowMs: number): EndedChild[] {
    const leaders = new Map<Run, string | undefined>();
    for (const { process, run } of members) {
      if (run?.leader === process.pid && !isOver(process)) leaders.set(run, undefined);
    }
    const children = new Map<string, Child>();
    for (const { process, run } of members) {
      if (run === undefined || process.parentPid !== run.leader || !leaders.has(run)) continue;
      if (isOver(process)) continue;
      const key = keyOf(process);
      const known = this.#children.get(key);
      children.set(
        key,
        known ?? {
          run,
          sinceMs: nowMs,
          isWorker: isSameProgram(process.pid, run, leaders),
        },
      );
    }
    const ended = [...this.#children].flatMap(([key, { run, sinceMs, isWorker }]) =>
      children.has(key) || !leaders.has(run) ? [] : [{ run, lifeMs: nowMs - sinceMs, isWorker }]
    );
    this.#children = children;
    return ended;
  }
}

/** Compares executables, the leader's read once a look. */
function isSameProgram(pid: number, run: Run, leaders: Map<Run, string | undefined>): boolean {
  const leader = leaders.get(run) ?? readExecutable(run.leader);
  leaders.set(run, leader);
  return leader !== "" && readExecutable(pid) === leader;
}

function readExecutable(pid: number): string {
  try {
    return Deno.readLinkSync(`/proc/${pid}/exe`);
  } catch {
    return ""; // Another user's, or gone.
  }
}
