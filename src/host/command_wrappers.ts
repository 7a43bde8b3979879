/**
 * What comes between a wrapper and the command that it runs: `nice`, `env`, `tini --`, `uv run` and
 * their kind, a shell that only `exec`s.
 *
 * @module
 */
import { splitShellWords } from "../formats/shell_words.ts";

/** What comes between a wrapper and the command that it runs. */
export interface Wrapper {
  /** Options whose value is an argument of its own. */
  readonly valued: readonly string[];
  /** How many arguments come before the command. */
  readonly operands: number;
  /** The sub-command that runs it, such as `run` of `uv run`. */
  readonly subcommand?: string;
}

/** Programs that become, or run, the command in their arguments, which runs on the same machine. */
export const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  catatonit: { valued: [], operands: 0 },
  chrt: { valued: ["-T", "-P", "-D", "--sched-runtime", "--sched-period"], operands: 1 },
  "ddtrace-run": { valued: [], operands: 0 },
  "dumb-init": { valued: ["-r", "--rewrite"], operands: 0 },
  gosu: { valued: [], operands: 1 },
  ionice: { valued: ["-c", "-n", "--class", "--classdata"], operands: 0 },
  nice: { valued: ["-n", "--adjustment"], operands: 0 },
  nohup: { valued: [], operands: 0 },
  numactl: {
    valued: [
      ...["-i", "-w", "-N", "-C", "-m", "-P", "-p", "--interleave", "--cpunodebind"],
      ...["--physcpubind", "--membind", "--preferred"],
    ],
    operands: 0,
  },
  "opentelemetry-instrument": { valued: [], operands: 0 },
  setpriv: {
    valued: [
      ...["--reuid", "--regid", "--groups", "--bounding-set", "--inh-caps", "--ambient-caps"],
      ...["--securebits", "--pdeathsig", "--selinux-label", "--apparmor-profile"],
    ],
    operands: 0,
  },
  setsid: { valued: [], operands: 0 },
  stdbuf: { valued: ["-i", "-o", "-e", "--input", "--output", "--error"], operands: 0 },
  "su-exec": { valued: [], operands: 1 },
  sudo: { valued: ["-u", "--user", "-g", "--group", "-D", "--chdir"], operands: 0 },
  taskset: { valued: [], operands: 1 },
  timeout: { valued: ["-k", "-s", "--kill-after", "--signal"], operands: 1 },
  tini: { valued: ["-e", "-p"], operands: 0 },
};

/** Tools that choose the Python environment which the command runs in. */
export const ENVIRONMENT_RUNNERS: Readonly<Record<string, Wrapper>> = {
  conda: {
    valued: ["-n", "--name", "-p", "--prefix", "--cwd"],
    operands: 0,
    subcommand: "run",
  },
  hatch: { valued: ["-e", "--env"], operands: 0, subcommand: "run" },
  mamba: { valued: ["-n", "--name", "-p", "--prefix", "--cwd"], operands: 0, subcommand: "run" },
  micromamba: {
    valued: ["-n", "--name", "-p", "--prefix", "--cwd", "-r", "--root-prefix"],
    operands: 0,
    subcommand: "run",
  },
  pdm: { valued: ["-p", "--project"], operands: 0, subcommand: "run" },
  pipenv: { valued: [], operands: 0, subcommand: "run" },
  pixi: { valued: ["-e", "--environment", "--manifest-path"], operands: 0, subcommand: "run" },
  poetry: { valued: ["-C", "--directory", "-P", "--project"], operands: 0, subcommand: "run" },
  rye: { valued: [], operands: 0, subcommand: "run" },
  uv: {
    valued: [
      ...["--with", "--with-editable", "--with-requirements", "--extra", "--group", "-p"],
      ...["--python", "--project", "--directory", "--env-file", "--package", "--index"],
      ...["--index-url", "-i", "--extra-index-url", "--cache-dir", "-w"],
    ],
    operands: 0,
    subcommand: "run",
  },
};

/** Launchers of several ranks, on other machines too. */
const RANK_LAUNCHERS: Readonly<Record<string, Wrapper>> = {
  mpiexec: { valued: ["-n", "-np", "-x", "-H", "--host", "--hostfile", "-wdir"], operands: 0 },
  mpirun: { valued: ["-n", "-np", "-x", "-H", "--host", "--hostfile", "-wdir"], operands: 0 },
  "trtllm-llmapi-launch": { valued: [], operands: 0 },
};

const ENV_VALUED = ["-u", "--unset", "-C", "--chdir"];

const SHELL = /^(?:sh|bash|dash|ash|ksh|zsh)$/;

/** The last part of a path. */
export function findName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Whether a program is a shell, by its name. */
export function isShell(name: string): boolean {
  return SHELL.test(name);
}

/** Finds where a wrapper's own arguments end. */
export function skipArguments(words: readonly string[], wrapper: Wrapper): number {
  const { valued, operands } = wrapper;
  let at = 1;
  for (let word = words[at]; word?.startsWith("-") && word !== "-"; word = words[at]) {
    at += valued.includes(word) ? 2 : 1;
    if (word === "--") break;
  }
  return at + operands;
}

/** A command and the variables that its wrappers set for it. */
export interface Unwrapped {
  /** The command and its arguments. */
  readonly words: readonly string[];
  /** What `env`, or a shell before the command, sets. */
  readonly assigned: Readonly<Record<string, string>>;
}

/** Finds what `env` runs, and what it sets for it. */
export function unwrapEnv(words: readonly string[]): Unwrapped {
  let rest = words.slice(1);
  const assigned: Record<string, string> = {};
  for (let word = rest[0]; word !== undefined; word = rest[0]) {
    const split = /^(?:-v?S|--split-string=?)(.*)$/s.exec(word)?.[1];
    const [, name, value] = /^([^=-][^=]*)=(.*)$/s.exec(word) ?? [];
    if (split !== undefined) {
      // As a `#!` line gives it, all that follows is one argument already cut at blanks.
      rest = split === ""
        ? rest.slice(1).flatMap((text, at) => at === 0 ? splitShellWords(text) ?? [text] : [text])
        : [...splitShellWords(split) ?? [split], ...rest.slice(1)];
    } else if (name !== undefined) {
      assigned[name] = value ?? "";
      rest = rest.slice(1);
    } else if (word.startsWith("-")) {
      rest = rest.slice(ENV_VALUED.includes(word) ? 2 : 1);
    } else break;
  }
  return { words: rest, assigned };
}

/** The last command of a shell's script, where it is plain words: `cd /app && exec vllm serve m`. */
function unwrapShell(words: readonly string[]): Unwrapped | undefined {
  const at = words.findIndex((word, index) => index > 0 && /^-[a-z]*c[a-z]*$/.test(word));
  const script = at < 0 ? undefined : words[at + 1];
  if (script === undefined) return undefined;
  const [name = "sh", ...positional] = words.slice(at + 2);
  const last = script.split(/&&|;|\n|\|\|/).map((part) => part.trim()).filter(Boolean).at(-1) ?? "";
  // Each `"$@"` is the arguments as they are.
  const found = splitShellWords(last.replace(/\s(?:\d?>&?|\d?<|\|).*$/s, ""))?.flatMap((word) =>
    word === "$@" ? positional : word === "$0" ? [name] : [word]
  );
  if (found === undefined) return undefined;
  const assigned: Record<string, string> = {};
  let rest = found;
  for (let word = rest[0]; word !== undefined; word = rest[0]) {
    const [, key, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
    if (key !== undefined) assigned[key] = value ?? "";
    else if (word !== "exec") break;
    rest = rest.slice(1);
    if (rest[0] === "-a" && word === "exec") rest = rest.slice(2);
  }
  return { words: rest, assigned };
}

/** More wrappers than this lead nowhere. */
const MAX_STEPS = 16;

/**
 * Takes every wrapper from a command: what in the end runs, as far as the words tell.
 *
 * @example
 * ```ts
 * unwrapCommand(["env", "A=1", "nice", "-n", "5", "uv", "run", "vllm", "serve", "m"]).words; // vllm serve m
 * ```
 */
export function unwrapCommand(argv: readonly string[]): Unwrapped {
  let words = argv;
  let assigned: Readonly<Record<string, string>> = {};
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const next = unwrapOnce(words);
    if (next === undefined || next.words.length === 0) break;
    words = next.words;
    assigned = { ...assigned, ...next.assigned };
  }
  return { words, assigned };
}

function unwrapOnce(words: readonly string[]): Unwrapped | undefined {
  const name = findName(words[0] ?? "");
  if (name === "env") return unwrapEnv(words);
  if (isShell(name)) return unwrapShell(words);
  const wrapper = WRAPPERS[name] ?? RANK_LAUNCHERS[name];
  if (wrapper !== undefined) {
    return { words: words.slice(skipArguments(words, wrapper)), assigned: {} };
  }
  const runner = ENVIRONMENT_RUNNERS[name];
  if (runner === undefined) return undefined;
  // Options may stand before the sub-command too.
  const at = skipArguments(words, runner);
  if (words[at] !== runner.subcommand) return undefined;
  const rest = words.slice(at);
  return { words: rest.slice(skipArguments(rest, runner)), assigned: {} };
}
