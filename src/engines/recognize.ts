/**
 * Which engine a command starts, told from its words alone.
 *
 * @module
 */
import { findName, unwrapCommand } from "../host/command_wrappers.ts";
import type { EngineChoice } from "../configuration/engine_names.ts";
import { GENERIC } from "./generic.ts";
import type { EngineCommand, EngineProfile } from "./profile.ts";
import { PROFILES } from "./profiles.ts";

/** An engine and what it is started with. */
export interface Engine {
  /** What is known of it. */
  readonly profile: EngineProfile;
  /** Its own arguments, wrappers and Python's taken away. */
  readonly args: readonly string[];
  /** Variables that wrappers such as `env` set for it. */
  readonly assigned: Readonly<Record<string, string>>;
}

/** A program as its command names it. */
interface Started {
  readonly program: string;
  readonly module: string | undefined;
  readonly script: string | undefined;
  readonly args: readonly string[];
}

/** `python`, `python3`, `python3.12`, `pypy3`. */
const PYTHON = /^(?:python|pypy)(?:\d+(?:\.\d+)*t?)?$/;

/** Python's own options whose value is an argument of its own. */
const PYTHON_VALUED = ["-W", "-X", "--check-hash-based-pycs"];

/** What Python runs: a module, or a script, which counts as a program by its name too. */
function readPython(words: readonly string[]): Started {
  let at = 1;
  for (let word = words[at]; word?.startsWith("-"); word = words[at]) {
    const [, glued] = /^-[a-ln-zA-Z]*m(.*)$/.exec(word) ?? [];
    if (glued !== undefined && !word.startsWith("--")) {
      const module = glued === "" ? words[++at] : glued;
      return { program: "", module, script: undefined, args: words.slice(at + 1) };
    }
    at += PYTHON_VALUED.includes(word) ? 2 : 1;
  }
  const script = words[at];
  return {
    program: findName(script ?? ""),
    module: undefined,
    script,
    args: words.slice(at + 1),
  };
}

function readStarted(words: readonly string[]): Started {
  const program = findName(words[0] ?? "");
  if (PYTHON.test(program)) return readPython(words);
  return { program, module: undefined, script: words[0], args: words.slice(1) };
}

function isStartedBy(started: Started, command: EngineCommand): boolean {
  const { program, module, script, subcommands = [] } = command;
  const named = (program !== undefined && started.program === program) ||
    (module !== undefined && started.module === module) ||
    (script !== undefined && `/${started.script ?? ""}`.endsWith(`/${script}`));
  if (!named) return false;
  const operands = started.args.filter((word) => !word.startsWith("-"));
  return subcommands.every((word, index) => operands[index] === word);
}

/**
 * Tells which engine a command starts, through wrappers: `python -m`, an environment's console script,
 * `uv run`, `conda run`, `numactl`, `env`, `nice`, `tini --`, a shell's `exec`. Nothing is looked up.
 *
 * @example
 * ```ts
 * recognizeEngine(["nice", "-n", "5", "/venv/bin/vllm", "serve", "m"]).profile.title; // vLLM
 * ```
 */
export function recognizeEngine(argv: readonly string[], choice: EngineChoice = "auto"): Engine {
  const { words, assigned } = unwrapCommand(argv);
  const started = readStarted(words);
  const profile = choice === "auto"
    ? Object.values(PROFILES).find(({ commands }) =>
      commands.some((command) => isStartedBy(started, command))
    ) ?? GENERIC
    : choice === "none"
    ? GENERIC
    : PROFILES[choice];
  return { profile, args: started.args, assigned };
}
