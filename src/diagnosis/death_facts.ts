/**
 * What is known beyond the log: of memory, of disks, of who holds the port.
 *
 * @module
 */
import type { Cause } from "../policy/cause.ts";
import type { Sign } from "./death_signs.ts";

/** What is known beyond the log; each where it could be learnt. */
export interface DeathFacts {
  /** How many processes of the container the kernel killed for memory during the run. */
  readonly oomKills?: number;
  /** Free space of `/dev/shm`, bytes. */
  readonly shmFreeBytes?: number;
  /** Free space where the run keeps its files, bytes. */
  readonly diskFreeBytes?: number;
  /** Who else listens on the engine's port, in words. */
  readonly portHolder?: string;
}

/** So little space is none: a page or two may be left of a full one, bytes. */
const FULL_BYTES = 1 << 20;

/** What the facts tell, given what the lines and the exit did; `undefined` where they add nothing. */
export function readFacts(
  facts: DeathFacts,
  sign: Sign | undefined,
  signal: string | undefined,
): { cause: Cause; words: string } | undefined {
  if (sign?.strength === "decisive") return undefined;
  const cause = sign?.cause;
  const isVague = sign === undefined || sign.strength === "faint" || sign.strength === "last";
  if (
    (facts.oomKills ?? 0) > 0 && (isVague || signal === "SIGKILL" || cause === "collective_failure")
  ) {
    return {
      cause: "host_out_of_memory",
      words:
        `the kernel killed ${facts.oomKills} of the container's processes for memory during the run`,
    };
  }
  if (
    facts.shmFreeBytes !== undefined && facts.shmFreeBytes < FULL_BYTES &&
    (isVague || signal === "SIGBUS" || cause === "collective_failure")
  ) {
    return { cause: "shm_exhausted", words: `/dev/shm has ${facts.shmFreeBytes} bytes left` };
  }
  if (!isVague) return undefined;
  if (facts.portHolder !== undefined) {
    return { cause: "port_in_use", words: `its port is held by ${facts.portHolder}` };
  }
  if (facts.diskFreeBytes !== undefined && facts.diskFreeBytes < FULL_BYTES) {
    return { cause: "disk_full", words: `the run's disk has ${facts.diskFreeBytes} bytes left` };
  }
  return undefined;
}
