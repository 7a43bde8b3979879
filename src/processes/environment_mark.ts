/**
 * A mark on processes in the environment that they were started with. A process that sets its own title
 * often overwrites it, and of another user's process it cannot be read without ptrace(2)'s rights.
 *
 * Permissions: all of them, for `/proc`.
 *
 * @module
 */
import { isAbsence } from "../linux/process_table.ts";

// Latin-1 keeps every byte, and is far faster than UTF-8 on a large environment.
const LATIN1 = new TextDecoder("latin1");

/** Reads some variables of the environment that a process was started with. */
export function readVariables(
  pid: number,
  names: readonly string[],
): ReadonlyMap<string, string> | undefined {
  let text: string;
  try {
    text = LATIN1.decode(Deno.readFileSync(`/proc/${pid}/environ`));
  } catch (error) {
    return isAbsence(error) ? new Map() : undefined;
  }
  // Of a zombie, and of a process that was started without any, it is empty.
  if (text !== "" && !/^[A-Za-z_][A-Za-z0-9_.]*=/.test(text)) return undefined;
  const found = new Map<string, string>();
  for (const assignment of text.split("\0")) {
    const sign = assignment.indexOf("=");
    const name = assignment.slice(0, sign);
    if (names.includes(name)) found.set(name, assignment.slice(sign + 1));
  }
  return found;
}
