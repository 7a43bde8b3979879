/**
 * Paths as the kernel would read them from here.
 *
 * Permissions: `--allow-read` of the working directory for a relative path.
 *
 * @module
 */

/** A path from the root; a relative one begins at the working directory. */
export function toAbsolute(path: string): string {
  return path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
}
