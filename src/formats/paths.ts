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
