/**
 * How much space is left on a file system.
 *
 * Permissions: `--allow-read` of the path, `--allow-sys=statfs`; without them it is unknown.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { isGranted } from "../host/ask_permission.ts";

/** Reads how much an ordinary user may still write. */
export function readFreeBytes(path: string): number | undefined {
  // Unasked, Deno would prompt on a terminal.
  if (!isGranted({ name: "read", path }) || !isGranted({ name: "sys", kind: "statfs" })) {
    return undefined;
  }
  try {
    const { bavail, bsize, blocks } = statfsSync(path);
    return blocks === 0 ? undefined : bavail * bsize;
  } catch {
    return undefined;
  }
}
