/**
 * Paths as text.
 *
 * @module
 */

/** The directory of a path; of one without a slash, the current one. */
export function findDirectory(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash) || "/";
}

/**
 * Tells whether a path leads to a device or to somebody's open file, which can be neither rotated nor
 * sought in nor replaced. Files in `/dev/shm` are ordinary ones.
 */
export function isStreamPath(path: string): boolean {
  return /^\/(?:dev(?!\/shm\/)|proc)\//.test(path);
}

/** A program's own stdout or stderr. */
const OWN = /^\/(dev|proc\/self)\/((?<stdout>stdout|fd\/1)|(?<stderr>stderr|fd\/2))$/;

/** Finds which of a process's own output streams a path leads to. */
export function findOwnStream(path: string): "stdout" | "stderr" | undefined {
  const groups = OWN.exec(path)?.groups;
  if (groups === undefined) return undefined;
  return groups.stdout === undefined ? "stderr" : "stdout";
}
