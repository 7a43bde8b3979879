/** Files that may not be there. */

/** Whether there is something of that name; a link that leads nowhere is something. */
export function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The text of a file, `""` where it cannot be read: what `/proc` says of a process may have gone with it. */
export function readOrEmpty(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
