/**
 * How much memory processes have of their own: anonymous memory and what of it is swapped out.
 *
 * Pages that are shared since a fork count for each process; shared memory and files do not count. To
 * divide what is shared (`smaps_rollup`) would cost 50 ms a GiB of small pages, and keep the process
 * from mapping memory meanwhile; this costs 0.04 ms a process whatever it uses (Linux 6.18).
 *
 * Permissions: all of them, for `/proc`.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 * @module
 */
import { isAbsence, type ProcessEntry } from "./process_table.ts";
import { Slices } from "./yielding.ts";

/** Parses `/proc/<pid>/status`. */
export function parseOwnMemory(text: string): number {
  const read = (key: string) =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0);
  return (read("RssAnon") + read("VmSwap")) * 1024;
}

/** Sums up what processes have of their own. */
export async function readOwnMemory(
  processes: readonly ProcessEntry[],
): Promise<number | undefined> {
  const slices = new Slices();
  let bytes = 0;
  for (const { pid } of processes) {
    await slices.pause();
    try {
      bytes += parseOwnMemory(Deno.readTextFileSync(`/proc/${pid}/status`));
    } catch (error) {
      if (!isAbsence(error)) return undefined;
    }
  }
  return bytes;
}
