/**
 * What the file system knows of programs.
 *
 * Permissions: `--allow-read` of PATH's directories and of the programs.
 *
 * @module
 */
import { lookUpCommand } from "./command_lookup.ts";
import type { ProgramFiles } from "./python_command.ts";

const HEAD_BYTES = 4_096;

/** This machine's programs. */
export const PROGRAM_FILES: ProgramFiles = {
  lookUp: (program, path) => {
    const lookup = lookUpCommand(program, path);
    return lookup.kind === "found" ? lookup.path : undefined;
  },
  readHead: (path) => {
    try {
      using file = Deno.openSync(path);
      const buffer = new Uint8Array(HEAD_BYTES);
      return new TextDecoder().decode(buffer.subarray(0, file.readSync(buffer) ?? 0));
    } catch {
      return "";
    }
  },
  resolveLinks: (path) => {
    try {
      return Deno.realPathSync(path);
    } catch {
      return path;
    }
  },
};
