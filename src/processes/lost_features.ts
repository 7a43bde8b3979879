/**
 * What cannot be seen of processes on this machine though Deno permits it, what is lost by it, and what
 * would fix it. What Deno does not permit is told by `launch/permission_check.ts`.
 *
 * @module
 */
import { canReadProcesses, canSeeStrangers, hasCapability } from "../linux/process_table.ts";

/** What lets a process signal another user's, of capabilities(7). */
const CAP_KILL = 5;

/** Says what cannot be seen, before it matters. */
export function describeLostFeatures(): string | undefined {
  if (!canReadProcesses() || canSeeStrangers()) return undefined;
  return "Cannot see other users' processes, for /proc is mounted with hidepid: what an engine with a " +
    "user of its own leaves behind is not found; mount it without, or add the capability SYS_PTRACE";
}

/** Says who cannot be signalled, before it matters. */
export function describeUnsignalable(
  programs: readonly string[],
  { stops }: { readonly stops: boolean },
): string | undefined {
  if (programs.length === 0 || !canReadProcesses() || hasCapability(CAP_KILL)) return undefined;
  return `Cannot signal other users' processes: nothing of ${programs.join(", ")} can be ` +
    `${stops ? "" : "stopped or "}killed by us; add the capability KILL, or set no user of its own`;
}
