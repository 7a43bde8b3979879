/** Asks Python how it reads texts, many in one process: see python_reader.py. */
import type { InstalledSupervisord } from "./supervisords.ts";

/** One question. */
export type Question =
  | { readonly ini: string }
  | { readonly pattern: string; readonly name: string }
  | { readonly environment: string };

/**
 * Asks all.
 *
 * @param supervisord Whose Python to ask.
 * @param questions The questions.
 * @returns An answer each, in order.
 */
export async function askPython(
  { python }: InstalledSupervisord,
  questions: readonly Question[],
): Promise<unknown[]> {
  const child = new Deno.Command(python, {
    args: ["-W", "ignore", new URL("python_reader.py", import.meta.url).pathname],
    env: { LC_ALL: "C.UTF-8", PYTHONDONTWRITEBYTECODE: "1" },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(questions)));
  await writer.close();
  return JSON.parse(new TextDecoder().decode((await output).stdout));
}
