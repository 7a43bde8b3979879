/**
 * Finds supervisord.
 *
 * Permissions: `--allow-read` of PATH's directories; those of search_supervisord.ts where it is not there.
 *
 * @module
 */
import { lookUpCommand } from "../host/command_lookup.ts";
import type { Environment } from "../configuration/configuration.ts";
import type { FoundSupervisord } from "./search_supervisord.ts";

/**
 * Finds supervisord: the given path, else the first `supervisord` on PATH, else the one beside the
 * Python that the engine's command runs on, else the Python module.
 */
export async function findSupervisord(
  supervisordPath: string,
  argv: readonly string[],
  env: Environment,
): Promise<FoundSupervisord> {
  if (supervisordPath !== "") {
    const lookup = lookUpCommand(supervisordPath, env.PATH);
    return lookup.kind === "found"
      ? { command: [lookup.path] }
      : { failure: `SUPERVISORD_PATH=${supervisordPath}: ${lookup.reason}` };
  }
  const lookup = lookUpCommand("supervisord", env.PATH);
  if (lookup.kind === "found") return { command: [lookup.path] };
  const problem = lookup.kind === "not_executable" ? lookup.reason : "supervisord is not on PATH";
  // Most never come here, and the engine waits for what is loaded.
  const { searchSupervisord } = await import("./search_supervisord.ts");
  return searchSupervisord(problem, argv, env);
}
