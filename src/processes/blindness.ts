/**
 * What cannot be seen of processes on this machine, what is lost by it, and what would mend it.
 *
 * @module
 */
import { canReadProcesses, canSeeStrangers } from "./process_table.ts";

/**
 * Says what cannot be seen, once and before it matters.
 *
 * @param hasLibc Whether FFI is permitted.
 * @returns A line for each.
 */
export function describeBlindness(hasLibc: boolean): string[] {
  const lines: string[] = [];
  if (!canReadProcesses()) {
    lines.push(
      "Cannot see processes, for Deno reads /proc only with --allow-all: what a dead engine leaves " +
        "outside its process group is not found, nor who holds a GPU; give it -A",
    );
  } else if (!canSeeStrangers()) {
    lines.push(
      "Cannot see other users' processes, for /proc is mounted with hidepid: what an engine with a " +
        "user of its own leaves behind is not found; mount it without, or add the capability SYS_PTRACE",
    );
  }
  if (!hasLibc && Deno.pid === 1) {
    lines.push(
      "Cannot reap zombies as PID 1 without --allow-ffi: give it -A, start the container with --init, " +
        "or put tini first",
    );
  }
  return lines;
}
