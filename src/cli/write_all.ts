/**
 * Text for stdout, all of it.
 *
 * @module
 */

/**
 * Writes text to stdout. A reader that has gone has read what it wanted, as with `--help | head`.
 */
export function writeAll(text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let sent = 0; sent < bytes.length;) sent += Deno.stdout.writeSync(bytes.subarray(sent));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
