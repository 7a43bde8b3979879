/**
 * What lies in directories at one moment, so that it can be told later what has come since.
 *
 * Permissions: `--allow-read` of the directories.
 *
 * @module
 */
import { isGranted } from "../host/ask_permission.ts";
import { Slices } from "../linux/yielding.ts";

/** The names in each directory that could be listed. */
export type PresentFiles = ReadonlyMap<string, ReadonlySet<string>>;

/** Lists directories. */
export async function listPresent(directories: readonly string[]): Promise<PresentFiles> {
  const slices = new Slices();
  const present = new Map<string, ReadonlySet<string>>();
  for (const directory of directories) {
    if (!isGranted({ name: "read", path: directory })) continue;
    const names = new Set<string>();
    try {
      for await (const name of listNames(directory, slices)) names.add(name);
    } catch {
      continue;
    }
    present.set(directory, names);
  }
  return present;
}

/** So large a directory has some thousand names at most, which take a millisecond or two, bytes. */
const SMALL_BYTES = 64 * 1024;

/**
 * Lists one directory: a small one at once, since a restart waits for it and other threads may be busy.
 *
 * @yields Its names.
 * @throws {Error} If it cannot be listed, as Deno says it.
 */
export async function* listNames(directory: string, slices: Slices): AsyncGenerator<string> {
  const isSmall = Deno.statSync(directory).size <= SMALL_BYTES;
  const entries = isSmall ? Deno.readDirSync(directory) : Deno.readDir(directory);
  for await (const { name } of entries) {
    await slices.pause();
    yield name;
  }
}

/**
 * Where programs put their temporary files, in Python's order.
 *
 * @see https://docs.python.org/3/library/tempfile.html#tempfile.gettempdir
 */
export function findTemporary(env: Readonly<Record<string, string | undefined>>): string {
  const path = [env.TMPDIR, env.TEMP, env.TMP].find((place) => place?.startsWith("/")) ?? "/tmp";
  return path.replace(/(?<=.)\/+$/, "");
}

/** Where shared memory lies. */
export const SHARED_MEMORY = "/dev/shm";
