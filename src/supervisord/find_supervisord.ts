/**
 * Finds supervisord.
 *
 * Permissions: `--allow-run` of supervisord (or python3), `--allow-read` of PATH's directories.
 *
 * @module
 */
import { lookUpCommand } from "../host/command_lookup.ts";
import type { Environment } from "../configuration/configuration.ts";

/** How to run supervisord: a program and its first arguments; or why that is impossible. */
export type FoundSupervisord =
  | { readonly command: readonly [string, ...string[]] }
  | { readonly failure: string };

/** How each package manager installs it, the first that is there is named. */
const INSTALL_COMMANDS: readonly (readonly [string, string])[] = [
  ["uv", "uv pip install supervisor"],
  ["pip", "pip install supervisor"],
  ["pip3", "pip3 install supervisor"],
  ["apt-get", "apt-get install -y supervisor"],
  ["apk", "apk add supervisor"],
  ["dnf", "dnf install -y supervisor"],
];

/**
 * Finds supervisord: the given path, else the first `supervisord` on PATH, else the Python module.
 *
 * @param supervisordPath What `SUPERVISORD_PATH` says, `""` where it is unset.
 * @param env The environment.
 * @returns How to run it, or what to do about its absence.
 */
export function findSupervisord(supervisordPath: string, env: Environment): FoundSupervisord {
  if (supervisordPath !== "") {
    const lookup = lookUpCommand(supervisordPath, env.PATH);
    return lookup.kind === "found"
      ? { command: [lookup.path] }
      : { failure: `SUPERVISORD_PATH=${supervisordPath}: ${lookup.reason}` };
  }
  const lookup = lookUpCommand("supervisord", env.PATH);
  if (lookup.kind === "found") return { command: [lookup.path] };
  const python = lookUpCommand("python3", env.PATH);
  if (python.kind === "found" && hasSupervisorModule(python.path)) {
    return { command: [python.path, "-m", "supervisor.supervisord"] };
  }
  const [, install] =
    INSTALL_COMMANDS.find(([manager]) => lookUpCommand(manager, env.PATH).kind === "found") ??
      [undefined, "install the package supervisor"];
  const problem = lookup.kind === "not_executable" ? lookup.reason : "supervisord is not on PATH";
  return { failure: `${problem}; mend it with: ${install}, or name it in SUPERVISORD_PATH` };
}

function hasSupervisorModule(python: string): boolean {
  const { success } = new Deno.Command(python, {
    args: [
      "-c",
      "import importlib.util, sys; sys.exit(importlib.util.find_spec('supervisor') is None)",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).outputSync();
  return success;
}
