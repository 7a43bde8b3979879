/**
 * Searches for supervisord where PATH does not have it, and knows its Python.
 *
 * Permissions: `--allow-run` of Python, `--allow-read` of PATH's directories and of the command.
 *
 * @module
 */
import { lookUpCommand } from "../host/command_lookup.ts";
import { PROGRAM_FILES } from "../host/program_files.ts";
import { findOwnPython } from "../host/python_command.ts";
import type { Environment } from "../configuration/configuration.ts";

/** How to run supervisord: a program and its first arguments; or why that is impossible. */
export type FoundSupervisord =
  | { readonly command: readonly [string, ...string[]] }
  | {
    readonly failure: string;
    /** A Python that could run supervisord 4.3.0, where none was named. */
    readonly python?: string;
  };

/** Arguments of a Python that has the package and no script for it. */
const AS_MODULE = ["-m", "supervisor.supervisord"];

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
 * Searches for supervisord beside the Python that the engine's command runs on, and for its Python module.
 */
export function searchSupervisord(
  problem: string,
  argv: readonly string[],
  env: Environment,
): FoundSupervisord {
  const own = findOwnPython(argv, env.PATH, PROGRAM_FILES);
  const beside = own?.replace(/[^/]*$/, "supervisord");
  if (beside !== undefined && lookUpCommand(beside).kind === "found") return { command: [beside] };
  const python = lookUpCommand("python3", env.PATH);
  let able: string | undefined;
  for (const path of new Set([own, python.kind === "found" ? python.path : undefined])) {
    const answer = path === undefined ? "neither" : askPython(path);
    if (path !== undefined && answer === "has it") return { command: [path, ...AS_MODULE] };
    if (answer === "can run it") able ??= path;
  }
  const [, install] =
    INSTALL_COMMANDS.find(([manager]) => lookUpCommand(manager, env.PATH).kind === "found") ??
      [undefined, "install the package supervisor"];
  return {
    failure: `${problem}; fix it with: ${install}, or name it in SUPERVISORD_PATH`,
    ...(able === undefined ? {} : { python: able }),
  };
}

/**
 * supervisord's `main`, after Python was told its directory for temporary files. Nothing else of the
 * current directory is imported, as with a script.
 */
const LAUNCHER = "import sys; sys.path[:1] = [path for path in sys.path[:1] if path]; " +
  "import tempfile; tempfile.tempdir = sys.argv.pop(1); sys.argv[0] = 'supervisord'; " +
  "from supervisor.supervisord import main; main()";

/**
 * Gives supervisord a directory for temporary files that its programs do not inherit: at its start it
 * insists on one, though it is told where everything goes ("No usable temporary directory found").
 */
export function withTemporaryDirectory(
  command: readonly [string, ...string[]],
  directory: string,
  env: Environment,
): readonly [string, ...string[]] | undefined {
  const python = findOwnPython(command, env.PATH, PROGRAM_FILES);
  return python === undefined ? undefined : [python, "-c", LAUNCHER, directory];
}

/** Exits with 0 where supervisord is there, with 10 where 4.3.0 could run: before 3.8 it needs setuptools. */
const QUESTION = "import importlib.util, sys; " +
  "sys.exit(0 if importlib.util.find_spec('supervisor') else 10 if sys.version_info >= (3, 8) else 1)";

function askPython(python: string): "has it" | "can run it" | "neither" {
  const { code } = new Deno.Command(python, {
    args: ["-c", QUESTION],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).outputSync();
  return code === 0 ? "has it" : code === 10 ? "can run it" : "neither";
}
