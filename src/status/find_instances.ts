/**
 * Finds the instances that run on this machine by what each writes into its run directory.
 *
 * Permissions: `--allow-read` of the places in which run directories lie; all of them to tell by `/proc`
 * whether an instance lives, which is else taken for granted.
 *
 * @module
 */
import { isGranted } from "../host/ask_permission.ts";
import { isOver, lookAt, readPidNamespace } from "../linux/process_table.ts";
import { RUN_PREFIX } from "../supervisord/run_directory.ts";
import { STATUS_FILE } from "./status_file.ts";
import { STATUS_VERSION, type StatusDocument } from "./status_document.ts";

/** One run directory with a status that can be read. */
export interface WrittenInstance {
  /**
   * `running`, or `suspended`: it lives and cannot do anything (SIGSTOP, a debugger); `killed`: it ended
   * without taking its directory away; `elsewhere`: in another container, which shares the place.
   */
  readonly kind: "running" | "suspended" | "killed" | "elsewhere";
  /** The run directory. */
  readonly directory: string;
  /** What it wrote last. */
  readonly status: StatusDocument;
}

/** One run directory, and what can be said of whose it is. */
export type FoundInstance =
  | WrittenInstance
  /** Only its owner may read it. */
  | { readonly kind: "hidden"; readonly directory: string; readonly uid: number | undefined }
  /** Another version wrote it. */
  | { readonly kind: "foreign"; readonly directory: string; readonly version: unknown };

/** A status is some KiB; what is so large is none, bytes. */
const MAX_BYTES = 1024 * 1024;

/** Looks for instances. */
export function findInstances(places: readonly string[]): FoundInstance[] {
  return [...new Set(places)].filter(mayRead).flatMap((place) =>
    listRunDirectories(place).map(readInstance).filter((found) => found !== undefined)
  );
}

/** Whether a place may be read, without asking anybody. */
export function mayRead(path: string): boolean {
  return isGranted({ name: "read", path });
}

function listRunDirectories(place: string): string[] {
  try {
    return [...Deno.readDirSync(place)].flatMap(({ name, isDirectory }) =>
      isDirectory && name.startsWith(RUN_PREFIX) ? [`${place}/${name}`] : []
    );
  } catch {
    return []; // It is not there, or not ours to look into.
  }
}

/** Reads one run directory. */
export function readInstance(directory: string): FoundInstance | undefined {
  const path = `${directory}/${STATUS_FILE}`;
  let uid: number | null;
  let text: string;
  try {
    const info = Deno.lstatSync(path);
    if (!info.isFile || info.size > MAX_BYTES) return undefined;
    uid = info.uid;
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) return undefined;
    return { kind: "hidden", directory, uid: findOwner(directory) };
  }
  const status = parseStatus(text);
  if (status === undefined) return undefined;
  if (status.version !== STATUS_VERSION) {
    return { kind: "foreign", directory, version: status.version };
  }
  return { kind: findState(status, uid), directory, status };
}

/** The owner of what cannot be read: of the file where that much can be seen. */
function findOwner(directory: string): number | undefined {
  for (const path of [`${directory}/${STATUS_FILE}`, directory]) {
    try {
      return Deno.lstatSync(path).uid ?? undefined;
    } catch { /* The next one may tell. */ }
  }
  return undefined;
}

function parseStatus(text: string): StatusDocument | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value?.instance?.pid === "number" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Anybody may write such a file where anybody may make a directory: it counts by its process's user. */
function findState(
  { instance }: StatusDocument,
  uid: number | null,
): WrittenInstance["kind"] {
  const { pid, start_ticks, pid_namespace } = instance;
  const namespace = readPidNamespace();
  if (namespace !== undefined && pid_namespace !== null && namespace !== pid_namespace) {
    return "elsewhere";
  }
  const look = lookAt(pid);
  if (look.kind === "unknown") return "running"; // Nothing speaks against it.
  if (
    look.kind === "gone" || isOver(look.process) ||
    (start_ticks !== null && look.process.startTicks !== start_ticks) || !isOf(pid, uid)
  ) return "killed";
  return /[Tt]/.test(look.process.state) ? "suspended" : "running";
}

/** Whether what a process writes belongs to a user. */
function isOf(pid: number, uid: number | null): boolean {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const [, owner] = /^Uid:(?:\s+\d+){3}\s+(\d+)/m.exec(status) ?? [];
    return owner === undefined || uid === null || Number(owner) === uid;
  } catch {
    return true; // It has ended just now, or does not tell.
  }
}
