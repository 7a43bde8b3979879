/**
 * The private directory of one instance: its configuration, socket, log and pid file.
 *
 * Permissions: `--allow-read` and `--allow-write` of the directory it lies in.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { mayReadAndWrite } from "../host/ask_permission.ts";
import { findDirectory } from "../formats/paths.ts";
import { errorText } from "../log/error_text.ts";

/** How the name of every run directory begins. */
export const RUN_PREFIX = "standard-supervisor-";

/** A unix socket's path has at most 107 bytes, and supervisord binds `<path>.<pid>` first. */
const LONGEST_SOCKET_PATH = 107 - ".4194304".length;

/** What a path cannot hold everywhere in supervisord's configuration. */
// deno-lint-ignore no-control-regex -- control characters are what is looked for
const UNSPEAKABLE = /[%;#\x00-\x1f\x7f]/;

/** A run directory and what lies in it. */
export interface RunDirectory {
  readonly path: string;
  readonly config: string;
  readonly overlay: string;
  readonly socket: string;
  readonly logfile: string;
  readonly pidfile: string;
  /** Where the engine's next run waits, while there is something. */
  readonly gate: string;
}

/** No directory can be written. */
export class NoRunDirectory extends Error {
  override name = "NoRunDirectory";
}

/** Lists where a run directory may lie, the best place first. */
export function listRunPlaces(env: Environment): string[] {
  return [env.TMPDIR, env.XDG_RUNTIME_DIR, "/tmp", "/run", "/dev/shm"]
    .filter((place): place is string => place !== undefined && place.startsWith("/"));
}

/**
 * Makes a run directory that only its owner may enter, in the first place that can be written:
 * `TMPDIR`, `XDG_RUNTIME_DIR`, `/tmp`, `/run`, `/dev/shm`, and `further`.
 *
 * @throws {NoRunDirectory} If none of them can be written.
 */
export function makeRunDirectory(env: Environment, further: readonly string[]): RunDirectory {
  const refusals: string[] = [];
  for (const place of new Set([...listRunPlaces(env), ...further])) {
    if (!mayReadAndWrite(place)) {
      refusals.push(`${place} (not permitted)`);
      continue;
    }
    if (UNSPEAKABLE.test(place)) {
      refusals.push(`${place} (its name holds %, ;, # or a control character)`);
      continue;
    }
    try {
      const path = Deno.makeTempDirSync({ dir: place, prefix: RUN_PREFIX });
      const directory = describe(path);
      if (new TextEncoder().encode(directory.socket).length <= LONGEST_SOCKET_PATH) {
        return directory;
      }
      Deno.removeSync(path);
      refusals.push(`${place} (too long for a socket's path)`);
    } catch (error) {
      refusals.push(`${place} (${error instanceof Error ? error.name : error})`);
    }
  }
  throw new NoRunDirectory(
    `Cannot make a run directory: tried ${refusals.join(", ")}; ` +
      `mount a writable directory and name it in TMPDIR`,
  );
}

function describe(path: string): RunDirectory {
  return {
    path,
    config: `${path}/supervisord.conf`,
    overlay: `${path}/managed.conf`,
    socket: `${path}/supervisor.sock`,
    logfile: `${path}/supervisord.log`,
    pidfile: `${path}/supervisord.pid`,
    gate: `${path}/gate`,
  };
}

/** Where Python looks for a place for temporary files, beside the current directory. */
const PYTHON_PLACES = ["/tmp", "/var/tmp", "/usr/tmp"];

/**
 * Tells whether Python finds no directory for temporary files, as on a read-only root: the run
 * directory may lie where it does not look.
 *
 * @see https://docs.python.org/3/library/tempfile.html#tempfile.gettempdir
 */
export function lacksTemporaryDirectory(directory: RunDirectory, env: Environment): boolean {
  const places = [env.TMPDIR, env.TEMP, env.TMP, ...PYTHON_PLACES, Deno.cwd()]
    .filter((place): place is string => place !== undefined && place !== "");
  return !places.includes(findDirectory(directory.path)) && !places.some(canWrite);
}

function canWrite(place: string): boolean {
  try {
    Deno.removeSync(Deno.makeTempFileSync({ dir: place, prefix: RUN_PREFIX }));
    return true;
  } catch {
    return false;
  }
}

/** Removes a run directory with all that is in it. */
export function removeRunDirectory(directory: RunDirectory): string | undefined {
  try {
    Deno.removeSync(directory.path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      return errorText(error);
    }
  }
  return undefined;
}
