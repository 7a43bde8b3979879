/**
 * Bit masks in the text of `/proc/<pid>/status`: signals, capabilities.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 * @module
 */

/** Reads one mask. */
export function parseStatusMask(status: string, field: string): bigint {
  return BigInt(`0x${new RegExp(`^${field}:\\s*([0-9a-f]+)`, "m").exec(status)?.[1] ?? "0"}`);
}

/** Whether a mask has a bit, 0 for the lowest. */
export function hasBit(mask: bigint, bit: number): boolean {
  return (mask >> BigInt(bit) & 1n) === 1n;
}
