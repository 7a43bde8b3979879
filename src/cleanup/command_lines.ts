/**
 * What processes call themselves: their command lines, which some overwrite with a title.
 *
 * Permissions: all of them, for `/proc`.
 *
 * @module
 */
import { canSeeStrangers, isAbsence, listPids, lookAt } from "../linux/process_table.ts";
import type { Slices } from "../linux/yielding.ts";

/** Tells whether a process lives whose command line fits, this one and its ancestors aside. */
export async function hasProcessLike(words: RegExp, slices: Slices): Promise<boolean | undefined> {
  const pids = canSeeStrangers() ? await slices.wait(listPids()) : undefined;
  if (pids === undefined) return undefined;
  const own = new Set(listAncestors());
  for (const pid of pids) {
    await slices.pause();
    if (own.has(pid)) continue;
    try {
      if (words.test(Deno.readTextFileSync(`/proc/${pid}/cmdline`))) return true;
    } catch (error) {
      if (!isAbsence(error)) return undefined;
    }
  }
  return false;
}

/** This process, its parent, and so on. */
function listAncestors(): number[] {
  const found: number[] = [];
  for (let pid = Deno.pid; pid > 0 && !found.includes(pid);) {
    found.push(pid);
    const look = lookAt(pid);
    pid = look.kind === "present" ? look.process.parentPid : 0;
  }
  return found;
}
