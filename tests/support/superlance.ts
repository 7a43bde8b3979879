/** superlance in a virtual environment, for tests of event listeners. */
import { isThere } from "./files.ts";

/** Where its programs are, or why there are none. */
export type Superlance = { readonly directory: string } | { readonly problem: string };

/**
 * Installs superlance from PyPI unless it is there already.
 *
 * @returns Where its programs are, or why that did not work.
 */
export function installSuperlance(): Superlance {
  const directory = new URL("../../.cache/superlance", import.meta.url).pathname;
  const run = (program: string, ...args: string[]): boolean => {
    try {
      return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync()
        .success;
    } catch {
      return false;
    }
  };
  if (isThere(`${directory}/bin/memmon`)) return { directory: `${directory}/bin` };
  if (!run("python3", "-m", "venv", directory)) return { problem: "python3 has no venv module" };
  // superlance still imports what newer setuptools have dropped.
  return run(`${directory}/bin/pip`, "install", "setuptools<80", "superlance")
    ? { directory: `${directory}/bin` }
    : { problem: "superlance cannot be installed from PyPI" };
}
