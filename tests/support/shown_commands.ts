/** Commands as documents show them, parsed by what would run them. */
import { parseCommandLine } from "../../src/cli/command_line.ts";
import { parseGenerateCommandLine } from "../../src/cli/generate_command_line.ts";
import { isStatus, parseStatus } from "../../src/cli/status_command_line.ts";
import { parseConfiguration } from "../../src/document/parse_configuration.ts";
import { splitShellWords } from "../../src/formats/shell_words.ts";
import { isThere } from "./files.ts";
import { ROOT } from "./run.ts";

const SPECIFIER = "jsr:@model-hosting/standard-supervisor";
const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;
/** What every command of deno's takes, and only its own help tells. */
const GLOBAL_FLAGS = new Set(["-q", "--quiet"]);
/** Made by scripts/package.ts, in its own directory. */
const MADE = new Set(["cli.js"]);
const OUR_FILE = /^(?:file:\/\/)?((?:examples|scripts|docs|tests|bench|src)\/.*)$/;

/** What is wrong with the arguments of a program; nothing where all is well. */
type Check = (args: readonly string[], program: string) => string | undefined;

function checkSupervisor(args: readonly string[]): string | undefined {
  const parsed = isStatus(args) ? parseStatus(args) : parseCommandLine(args);
  return parsed.kind === "misuse" ? parsed.text : undefined;
}

function checkGenerate(args: readonly string[]): string | undefined {
  const parsed = parseGenerateCommandLine(args);
  return parsed.kind === "misuse" ? parsed.text : undefined;
}

function checkScript(args: readonly string[], program: string): string | undefined {
  if (((Deno.statSync(`${ROOT}/${program}`).mode ?? 0) & 0o111) === 0) return "not executable";
  return program === "scripts/run.sh" && args.length > 0 ? checkSupervisor(args) : undefined;
}

/** What `deno run`, `deno task` and their like are given. */
function checkDeno([verb = "", ...args]: readonly string[]): string | undefined {
  const help = readHelp(Deno.execPath(), [verb]);
  if (help === undefined) return `deno has no ${verb}`;
  const at = args.findIndex((arg) => !arg.startsWith("-"));
  const flags = (at < 0 ? args : args.slice(0, at)).map((flag) => flag.replace(/=.*/s, ""));
  const unknown = flags.find((flag) =>
    !GLOBAL_FLAGS.has(flag) && !RegExp(`(^|[\\s,])${flag}\\b`, "m").test(help)
  );
  if (unknown !== undefined) return `deno ${verb} has no ${unknown}`;
  const target = at < 0 ? undefined : args[at];
  if (verb === "task") {
    const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.json`));
    return target === undefined || target in tasks ? undefined : `there is no task ${target}`;
  }
  if (verb !== "run" || target === undefined) return undefined;
  if (!target.startsWith(SPECIFIER)) {
    return MADE.has(target) || isThere(`${ROOT}/${target}`) ? undefined : `there is no ${target}`;
  }
  const rest = args.slice(at + 1);
  switch (target.slice(SPECIFIER.length)) {
    case "/cli":
      return rest.length === 0 ? undefined : checkSupervisor(rest);
    case "/generate-config":
      return rest.length === 0 ? undefined : checkGenerate(rest);
    default:
      return `the package has no ${target}`;
  }
}

const helps = new Map<string, string | undefined>();

function readHelp(program: string, args: readonly string[]): string | undefined {
  const key = [program, ...args].join(" ");
  if (helps.has(key)) return helps.get(key);
  const { code, stdout } = new Deno.Command(program, {
    args: [...args, "--help=full"],
    env: { NO_COLOR: "1" },
    stderr: "null",
  }).outputSync();
  const help = code === 0 ? new TextDecoder().decode(stdout) : undefined;
  helps.set(key, help);
  return help;
}

/** What is run in a container is ours, where it begins so. */
function checkDocker(args: readonly string[]): string | undefined {
  const verbs = ["build", "run", "exec", "compose", "stop", "kill", "pause"];
  if (!verbs.includes(args[0] ?? "")) return `docker's ${args[0]} is not expected`;
  return checkInside(args);
}

function checkInside(args: readonly string[]): string | undefined {
  const at = args.indexOf("standard-supervisor");
  return at < 0 ? undefined : checkSupervisor(args.slice(at + 1));
}

const nothing = () => undefined;

/** Every program that a document may show, and how its arguments are looked at. */
const PROGRAMS: Readonly<Record<string, Check>> = {
  "standard-supervisor": checkSupervisor,
  "generate-supervisor-config": checkGenerate,
  "scripts/run.sh": checkScript,
  "scripts/test.sh": checkScript,
  "scripts/build.sh": checkScript,
  ".ci/run": checkScript,
  deno: checkDeno,
  docker: checkDocker,
  // Somebody else's: the files of ours that they name are looked at.
  ...{ kubectl: checkInside, aws: nothing, cp: nothing, systemctl: nothing, git: nothing },
  ...{ curl: nothing, supervisord: nothing, supervisorctl: nothing },
};

/** What of a line a shell would not read. */
function strip(line: string): string {
  return line.replace(/ {2,}#.*$/, "").replace(/<(\S+)/, "$1");
}

/** Whether a text begins as one of the commands that documents show. */
export function isCommand(text: string): boolean {
  const words = text.split(" ").filter((word) => !ASSIGNMENT.test(word));
  return (words[0] ?? "") in PROGRAMS;
}

/** Whether a text is variables and their values, and nothing else. */
export function isAssignment(text: string): boolean {
  const words = splitShellWords(strip(text));
  return words !== undefined && words.length > 0 && words.every((word) => ASSIGNMENT.test(word));
}

function checkVariables(words: readonly string[]): string | undefined {
  const env = Object.fromEntries(
    words.map((word) => ASSIGNMENT.exec(word)).map((match) => [match?.[1] ?? "", match?.[2] ?? ""]),
  );
  try {
    parseConfiguration(env);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/**
 * Parses one line, each command of it.
 *
 * @param line As a document shows it.
 * @returns What is wrong; `undefined` where everything would be taken.
 */
export function findProblem(line: string): string | undefined {
  for (const part of strip(line).split(/ \| | && /)) {
    const words = splitShellWords(part);
    if (words === undefined) return "no shell can read it";
    const at = words.findIndex((word) => !ASSIGNMENT.test(word));
    const variables = checkVariables(at < 0 ? words : words.slice(0, at));
    if (variables !== undefined) return variables;
    if (at < 0) continue;
    const [program = "", ...args] = words.slice(at);
    const check = Object.hasOwn(PROGRAMS, program) ? PROGRAMS[program] : undefined;
    if (check === undefined) return `${program} is not expected`;
    const files = args.flatMap((arg) => OUR_FILE.exec(arg)?.[1] ?? []);
    const missing = files.find((file) => !isThere(`${ROOT}/${file}`));
    const problem = missing === undefined ? check(args, program) : `there is no ${missing}`;
    if (problem !== undefined) return problem;
  }
  return undefined;
}
