/**
 * The configuration as the user sees it, at `SUPERVISOR_CONFIG_PATH`.
 *
 * Permissions: `--allow-read` and `--allow-write` of the path's directory.
 *
 * @module
 */
import { ConfigurationError } from "../formats/configuration_error.ts";
import { writePrivateFile } from "../host/private_file.ts";
import { errorText } from "../log/error_text.ts";
import type { Logger } from "../log/logger.ts";
import { mayReadAndWrite } from "../host/ask_permission.ts";
import { lookAt } from "../linux/process_table.ts";
import { findDirectory } from "../formats/paths.ts";

/** What {@linkcode writeUserFile} needs. */
export interface UserFile {
  /** Where to. */
  readonly path: string;
  /** supervisord's configuration. */
  readonly text: string;
  /** Whether the user has named the path, so that the file must be there, and is kept. */
  readonly isNamed: boolean;
  /** The copy that supervisord itself reads. */
  readonly ownPath: string;
}

/**
 * Writes the file that the user may look at, and that `supervisorctl -c` takes. supervisord reads a
 * copy of its own, so that another instance which writes here too does no harm.
 *
 * @throws {ConfigurationError} If it cannot be written where the user wants it.
 */
export function writeUserFile(
  { path, text, isNamed, ownPath }: UserFile,
  log: Logger,
): () => void {
  const fix = `supervisorctl works with -c ${ownPath}, or where SUPERVISOR_CONFIG_PATH names a ` +
    "file that can be written";
  if (!isNamed && !mayReadAndWrite(findDirectory(path))) {
    log.info(`${path} may not be written; ${fix}`);
    return () => {};
  }
  if (!isNamed && isSomebodyElses(path)) {
    log.info(`${path} is somebody else's and was left alone; ${fix}`);
    return () => {};
  }
  try {
    writePrivateFile(path, renderOwner() + text);
  } catch (error) {
    const reason = errorText(error);
    if (isNamed) {
      throw new ConfigurationError([{
        variable: "SUPERVISOR_CONFIG_PATH",
        value: path,
        expected: "a path that can be written",
        hint: reason,
      }]);
    }
    log.info(`Cannot write ${path} (${reason}); ${fix}`);
    return () => {};
  }
  if (isNamed) return () => {};
  const written = Deno.statSync(path).ino;
  return () => {
    try {
      if (Deno.statSync(path).ino === written) Deno.removeSync(path);
    } catch { /* Somebody else took it away. */ }
  };
}

/** A first line that tells a file which a killed instance left from one that is in use. */
function renderOwner(): string {
  const look = lookAt(Deno.pid);
  const start = look.kind === "present" ? look.process.startTicks : "unknown";
  return `; standard-supervisor pid ${Deno.pid} start ${start}\n`;
}

const OWNER = /^; standard-supervisor pid (\d+) start (\d+|unknown)\n/;

function isSomebodyElses(path: string): boolean {
  try {
    if (!Deno.lstatSync(path).isFile) return true;
    const [, pid, startTicks] = OWNER.exec(Deno.readTextFileSync(path)) ?? [];
    if (pid === undefined) return true;
    const look = lookAt(Number(pid));
    // Where its owner cannot be seen it may well be there.
    return look.kind === "unknown" ||
      (look.kind === "present" &&
        (startTicks === "unknown" || look.process.startTicks === startTicks));
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}
