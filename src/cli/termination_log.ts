/**
 * Writes the termination message to where an orchestrator looks for it.
 *
 * Permissions: `--allow-read` and `--allow-write` of the file; all of them for one below `/dev`.
 *
 * @module
 */
import { mayReadAndWrite, mayReadProc } from "../host/ask_permission.ts";
import { errorText } from "../log/error_text.ts";
import type { Logger } from "../log/logger.ts";
import { renderTerminationMessage, type TerminationFacts } from "../events/termination_message.ts";

/** Where Kubernetes' kubelet puts a file for it, unless the container's `terminationMessagePath` differs. */
const KUBERNETES_PATH = "/dev/termination-log";

/** Writes nothing anywhere. */
const NOWHERE = "/dev/null";

/**
 * Writes the message, in place: the kubelet has mounted the file. Whatever goes wrong is said and changes
 * nothing.
 */
export function writeTerminationMessage(path: string, facts: TerminationFacts, log: Logger): void {
  if (path === NOWHERE) return;
  const isNamed = path !== "";
  const problem = tryToWrite(isNamed ? path : KUBERNETES_PATH, isNamed, facts);
  if (problem === undefined) return;
  const text = `Cannot write the termination message to ${path || KUBERNETES_PATH}: ${problem}`;
  if (isNamed) log.warn(text);
  else log.debug(text);
}

function tryToWrite(
  path: string,
  isNamed: boolean,
  facts: TerminationFacts,
): string | undefined {
  // Deno guards /dev as it guards /proc.
  const isPermitted = path.startsWith("/dev/") ? mayReadProc() : mayReadAndWrite(path);
  if (!isPermitted) return "not permitted";
  try {
    // To open a pipe would wait for its reader.
    if (exists(path) && !Deno.statSync(path).isFile) return "it is not a regular file";
    const options = { write: true, truncate: true, create: isNamed, mode: 0o644 } as const;
    using file = Deno.openSync(path, options);
    const bytes = new TextEncoder().encode(renderTerminationMessage(facts));
    for (let sent = 0; sent < bytes.length;) sent += file.writeSync(bytes.subarray(sent));
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
