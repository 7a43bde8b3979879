/**
 * Reads on for a supervisord that has to be killed while its programs still speak: without a reader
 * their output would break under them, in the middle of a drain.
 *
 * Permissions: all of them, for `/proc`.
 *
 * @module
 */
import { mayReadProc } from "../host/ask_permission.ts";
import { relayOutput } from "./relay.ts";
import { findReadPipe } from "./held_pipes.ts";
import type { OutputWriters } from "./plan_output.ts";

/**
 * Copies programs' output to ours from now on. What cannot be opened is left: then their next write
 * fails.
 */
export function takeOverOutput(
  supervisord: number,
  programs: readonly number[],
  { stdout, stderr }: OutputWriters,
): void {
  if (!mayReadProc()) return; // Asked without it, Deno would prompt on a terminal, and wait.
  const held = new Set(listPipes(supervisord));
  const taken = new Set<string>();
  for (const pid of programs) {
    for (const [descriptor, to] of [[1, stdout], [2, stderr]] as const) {
      const path = `/proc/${pid}/fd/${descriptor}`;
      const target = readTarget(path);
      if (target === undefined || !held.has(target) || taken.has(target)) continue;
      taken.add(target);
      try {
        // Opened by way of the program, whose end it is: for reading, that gives the other one.
        const { readable } = Deno.openSync(path, { read: true });
        // It ends with the program, and so does what cannot be read or written any more.
        relayOutput(readable, to, new AbortController().signal).catch(() => {});
      } catch { /* Another user's, for one. */ }
    }
  }
}

/** The pipes that a process reads from: those that it writes to have a reader of their own. */
function listPipes(pid: number): string[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/fd`)]
      .flatMap(({ name }) => findReadPipe(`/proc/${pid}/fd/${name}`) ?? []);
  } catch {
    return [];
  }
}

function readTarget(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined;
  }
}
