/**
 * Named pipes, which Deno cannot make.
 *
 * Permissions: `--allow-ffi`, and `--allow-write` of the path.
 *
 * @module
 */
import { encodeCStrings, type Libc } from "./libc.ts";

const MODE = 0o600;

/**
 * Makes a named pipe and opens both of its ends, so that neither side ever waits for the other to open it.
 */
export function makeNamedPipe(libc: Libc, path: string): Deno.FsFile | undefined {
  if (libc.mkfifo(encodeCStrings([path])[0]!, MODE) !== 0) return undefined;
  try {
    return Deno.openSync(path, { read: true, write: true });
  } catch {
    Deno.removeSync(path);
    return undefined;
  }
}
