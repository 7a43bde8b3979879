/**
 * What cannot be seen of processes on this machine though Deno permits it, what is lost by it, and what
 * would mend it. What Deno does not permit is told by `launch/permission_check.ts`.
 *
 * @module
 */
import { canReadProcesses, canSeeStrangers } from "./process_table.ts";

/**
 * Says what cannot be seen, before it matters.
 *
 * @returns A line; `undefined` where all can be seen, or nothing may be.
 */
export function describeBlindness(): string | undefined {
  if (!canReadProcesses() || canSeeStrangers()) return undefined;
  return "Cannot see other users' processes, for /proc is mounted with hidepid: what an engine with a " +
    "user of its own leaves behind is not found; mount it without, or add the capability SYS_PTRACE";
}
