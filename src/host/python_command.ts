/**
 * Which Python a command runs on, so that packages go where the engine looks for them.
 *
 * @module
 */
import { findName, isShell, skipArguments, unwrapEnv, WRAPPERS } from "./command_wrappers.ts";
import { splitShellWords } from "../formats/shell_words.ts";

/** What only the file system knows. */
export interface ProgramFiles {
  /** Finds a program as execvp(3) does; `undefined` where it is not there. */
  readonly lookUp: (program: string, path: string | undefined) => string | undefined;
  /** The first lines of a file; `""` where it cannot be read. */
  readonly readHead: (path: string) => string;
  /** A path with its links resolved. */
  readonly resolveLinks: (path: string) => string;
}

/** `python`, `python3`, `python3.12`, `python3.13t`, `pypy3`; not `python3-config`. */
const PYTHON = /^(python|pypy)(\d+(\.\d+)*t?)?$/;

/** A chain of wrappers and `#!` lines longer than this leads nowhere. */
const MAX_STEPS = 16;

interface Step {
  readonly words: readonly string[];
  readonly path: string | undefined;
}

/**
 * The interpreter behind a script that pip or uv wrote for an interpreter whose path is too long for a
 * `#!` line, or has blanks: `#!/bin/sh`, then a line that a shell and Python both can read.
 */
function readExecLine(head: string, script: string, files: ProgramFiles): string | undefined {
  const line = head.split("\n", 2)[1] ?? "";
  if (!line.startsWith("'''exec'")) return undefined;
  // An environment that can be moved: the interpreter lies beside the script.
  const beside = /\$\(realpath [^)]*"\$0"\)"?\)"?\/'?([\w.]+)/.exec(line)?.[1];
  if (beside !== undefined) return files.resolveLinks(script).replace(/[^/]*$/, beside);
  return splitShellWords(line)?.[1];
}

/** What the kernel runs in place of a script; `undefined` for anything else than a script. */
function readScript(script: string, files: ProgramFiles): readonly string[] | undefined {
  const head = files.readHead(script);
  if (!head.startsWith("#!")) return undefined;
  const words = head.slice(2).split("\n", 1)[0]?.trim().split(/[ \t\r]+/) ?? [];
  const [interpreter = ""] = words;
  if (!isShell(findName(interpreter))) return words;
  const python = readExecLine(head, script, files);
  return python === undefined ? undefined : [python];
}

/** Follows a command to its Python, and the PATH that it looks through by then. */
function follow(argv: readonly string[], path: string | undefined, files: ProgramFiles) {
  let step: Step = { words: argv, path };
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const [program = ""] = step.words;
    const name = findName(program);
    const found = program === "" ? undefined : files.lookUp(program, step.path);
    if (found === undefined) break;
    if (PYTHON.test(name)) return { python: found, path: step.path };
    const wrapper = WRAPPERS[name];
    if (name === "env") {
      const { words, assigned } = unwrapEnv(step.words);
      step = { words, path: assigned.PATH ?? step.path };
    } else if (wrapper !== undefined) {
      step = { ...step, words: step.words.slice(skipArguments(step.words, wrapper)) };
    } else {
      const words = readScript(found, files);
      if (words === undefined) break;
      step = { ...step, words };
    }
  }
  return { python: undefined, path: step.path };
}

/**
 * Finds the Python that a command certainly runs on: its first word where that is one, or the
 * interpreter that the script's `#!` line names, past wrappers such as `env X=1` and `nice`. What a
 * shell script goes on to run is not looked at.
 */
export function findOwnPython(
  argv: readonly string[],
  path: string | undefined,
  files: ProgramFiles,
): string | undefined {
  return follow(argv, path, files).python;
}

/**
 * Finds the Python that a command runs on, as {@linkcode findOwnPython} does, or the likeliest.
 *
 * @example
 * ```ts
 * const files = {
 *   lookUp: (program: string) => program.includes("/") ? program : `/venv/bin/${program}`,
 *   readHead: () => "#!/venv/bin/python\n",
 *   resolveLinks: (path: string) => path,
 * };
 * findPython(["vllm", "serve"], "/venv/bin", files); // /venv/bin/python
 * ```
 */
export function findPython(
  argv: readonly string[],
  path: string | undefined,
  files: ProgramFiles,
): string {
  const own = follow(argv, path, files);
  return own.python ?? files.lookUp("python3", own.path) ?? files.lookUp("python", own.path) ??
    "python3";
}
