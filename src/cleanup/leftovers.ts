/**
 * Removes the files that a dead engine has left in shared memory, and its sockets: where its own cleaner
 * was killed too, each crash would leave some more, until `/dev/shm` is full.
 *
 * A file is removed only where all of this is proven: it bears a name of the engine's, it came after this
 * instance began, it is our user's, and nobody uses it. What cannot be told is spared.
 *
 * - A regular file is used while anybody has it open or mapped, which the kernel tells
 *   ({@linkcode removeUnused}); on file systems that map another file than the one that was opened
 *   (overlay, FUSE) nothing is proven by that. The memory of a dead process lives on while somebody reads
 *   its `/proc/<pid>/environ`, `cmdline` or `smaps_rollup`, as agents do that watch processes: its files
 *   were seen to be mapped for up to 84 ms after it was a zombie (six readers, two cores, Linux 6.18). So
 *   what is still used is tried again for a moment, once for each file.
 * - A socket is used while anybody listens on it.
 * - A few files are not kept open by who uses them: they are removed only where no process can be seen
 *   that could be it, and only from the root file system: another container may have the same volume, and
 *   its processes are not to be seen from here.
 *
 * Permissions: `--allow-read` and `--allow-write` of the directories, `--allow-ffi`, `--allow-net` for
 * sockets; all of them for `/proc`.
 *
 * @module
 */
import { delay } from "@std/async/delay";
import { isGranted, mayReadAndWrite, mayReadProc } from "../host/ask_permission.ts";
import { removeUnused } from "../linux/file_lease.ts";
import type { Libc } from "../linux/libc.ts";
import { findMount } from "../linux/mount_type.ts";
import { isDeserted, readBoundPaths } from "../linux/unix_sockets.ts";
import { hasProcessLike } from "./command_lines.ts";
import { listNames, listPresent, type PresentFiles } from "./present_files.ts";
import { Slices } from "../linux/yielding.ts";

/** A directory, and what an engine leaves there. */
export interface LeftoverPlace {
  /** The directory. */
  readonly directory: string;
  /** Names of regular files that are open or mapped as long as they are used. */
  readonly files: readonly RegExp[];
  /** Names of sockets. */
  readonly sockets: readonly RegExp[];
  /** Files that are used without being open. */
  readonly looseFiles: readonly LooseFile[];
}

/** A file that is used without being open. */
export interface LooseFile {
  /** Its name. */
  readonly name: RegExp;
  /** The command lines of all that may use it. */
  readonly users: RegExp;
}

/** What was removed. */
export interface Removal {
  /** How many files and sockets. */
  readonly files: number;
  /** How much memory or disk they took, bytes. */
  readonly bytes: number;
  /** Where they lay. */
  readonly directories: readonly string[];
}

/** Types of file systems on which an open or mapped file is known to be so. */
const TELLING_TYPES = new Set(["tmpfs", "ramfs", "ext2", "ext3", "ext4", "xfs", "btrfs"]);

/** How long a file that is still used is tried again, ms. */
const PATIENCE_MS = 100;

/** Between two tries, ms. */
const PAUSE_MS = { min: 1, max: 20 } as const;

/** What stat(2) counts in, bytes, whatever the file system's blocks are. */
const BLOCK_BYTES = 512;

interface Candidate {
  readonly name: string;
  readonly path: string;
  readonly place: LeftoverPlace;
  /** `undefined` for a socket and a regular file that is open while it is used. */
  readonly loose: LooseFile | undefined;
  readonly isSocket: boolean;
  readonly bytes: number;
}

/** The leftovers of one instance's engine. */
export class Leftovers {
  readonly #places: readonly LeftoverPlace[];
  readonly #libc: Libc | undefined;
  readonly #older: Promise<PresentFiles>;
  /** Files that stayed in use when the last engine died: they are somebody else's. */
  readonly #used = new Set<string>();

  constructor(
    places: readonly LeftoverPlace[],
    libc: Libc | undefined,
    present: Promise<PresentFiles>,
  ) {
    const knowsUser = isGranted({ name: "sys", kind: "uid" });
    this.#places = places.filter(({ directory }) => knowsUser && mayReadAndWrite(directory));
    this.#libc = libc;
    this.#older = this.#listOlder(present);
  }

  /** Removes what has come since and nobody uses any more. */
  async clear(): Promise<Removal> {
    const older = await this.#older;
    // What could not be listed then may all be older.
    const candidates = (await this.#list()).filter(({ place, name }) =>
      older.get(place.directory)?.has(name) === false
    );
    const removed = candidates.length === 0 ? [] : await this.#remove(candidates);
    return {
      files: removed.length,
      bytes: removed.reduce((sum, { bytes }) => sum + bytes, 0),
      directories: [...new Set(removed.map(({ place }) => place.directory))],
    };
  }

  async #remove(candidates: readonly Candidate[]): Promise<Candidate[]> {
    const removes = await this.#makeRemovers(candidates);
    const removed: Candidate[] = [];
    let left = candidates;
    const beganMs = performance.now();
    for (let pauseMs: number = PAUSE_MS.min;; pauseMs = Math.min(pauseMs * 2, PAUSE_MS.max)) {
      const refused: Candidate[] = [];
      for (const candidate of left) {
        (await removes(candidate) ? removed : refused).push(candidate);
      }
      left = refused.filter(({ path, isSocket, loose }) =>
        !isSocket && loose === undefined && !this.#used.has(path)
      );
      if (left.length === 0) return removed;
      if (performance.now() - beganMs > PATIENCE_MS) break;
      await delay(pauseMs);
    }
    for (const { path } of left) this.#used.add(path);
    return removed;
  }

  async #listOlder(present: Promise<PresentFiles>): Promise<PresentFiles> {
    const older = await present;
    const missing = this.#places.map(({ directory }) => directory)
      .filter((directory) => !older.has(directory));
    const all = new Map([...older, ...await listPresent(missing)]);
    await this.#list(); // Compiled now, and not while a restart waits.
    return all;
  }

  /** Everything that bears a name of the engine's and is our user's. */
  async #list(): Promise<Candidate[]> {
    const slices = new Slices();
    const found: Candidate[] = [];
    for (const place of this.#places) {
      try {
        for await (const name of listNames(place.directory, slices)) {
          const candidate = identify(place, name);
          if (candidate !== undefined) found.push(candidate);
        }
      } catch { /* It is not there, or cannot be read. */ }
    }
    return found;
  }

  /** Finds out once what several candidates need to know. */
  async #makeRemovers(
    candidates: readonly Candidate[],
  ): Promise<(candidate: Candidate) => Promise<boolean>> {
    const bound = candidates.some(({ isSocket }) => isSocket) ? await readBoundPaths() : undefined;
    const mounts = readMounts();
    const loose = new Map<LooseFile, boolean | undefined>();
    for (const { loose: file } of candidates) {
      if (file !== undefined && !loose.has(file)) {
        loose.set(file, await hasProcessLike(file.users, new Slices()));
      }
    }
    return async ({ path, place, isSocket, loose: file }) => {
      if (file !== undefined) {
        return loose.get(file) === false && !isVolume(place.directory, mounts) &&
          await remove(path);
      }
      if (isSocket) {
        const isBound = bound === undefined ||
          [...bound].some((other) => isSameSocket(other, path));
        return !isBound && await isDeserted(path) && await remove(path);
      }
      if (!TELLING_TYPES.has(findMount(place.directory, mounts)?.type ?? "")) return false;
      return await removeUnused(path, this.#libc);
    };
  }
}

/** What a file may be of an engine's; `undefined` where it is nothing of it. */
function identify(place: LeftoverPlace, name: string): Candidate | undefined {
  const fits = (words: readonly RegExp[]) => words.some((word) => word.test(name));
  const loose = place.looseFiles.find((file) => file.name.test(name));
  if (loose === undefined && !fits(place.files) && !fits(place.sockets)) return undefined;
  const path = `${place.directory}/${name}`;
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch {
    return undefined;
  }
  const isSocket = info.isSocket === true;
  if (info.uid !== Deno.uid() || !(isSocket ? fits(place.sockets) : info.isFile)) return undefined;
  if (!isSocket && loose === undefined && !fits(place.files)) return undefined;
  return {
    ...{ name, path, place, isSocket, loose: isSocket ? undefined : loose },
    bytes: isSocket ? 0 : (info.blocks ?? 0) * BLOCK_BYTES,
  };
}

/** A path may be bound as it is seen from another directory or through a link. */
function isSameSocket(bound: string, path: string): boolean {
  return bound === path || bound.endsWith(path.slice(path.lastIndexOf("/")));
}

/** Whether a directory is mounted by itself, so that others may have it too. */
function isVolume(directory: string, mounts: string): boolean {
  try {
    return findMount(Deno.realPathSync(directory), mounts)?.point !== "/";
  } catch {
    return true;
  }
}

function readMounts(): string {
  if (!mayReadProc()) return "";
  try {
    return Deno.readTextFileSync("/proc/self/mountinfo");
  } catch {
    return "";
  }
}

async function remove(path: string): Promise<boolean> {
  try {
    await Deno.remove(path);
    return true;
  } catch {
    return false;
  }
}
