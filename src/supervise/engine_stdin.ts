/**
 * What the engine reads as its stdin. supervisord gives each program a pipe that it never writes to and
 * never closes: an engine that reads its stdin to the end waits for ever. So a shell that becomes the
 * engine, with the same pid, opens something else first.
 *
 * The script is constant: it takes the path and the command as arguments, and no shell reads what users
 * wrote.
 *
 * Permissions: `--allow-read`; all of them for `/proc`, without which it is `/dev/null`.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { parseEnvironmentList } from "../formats/environment_list.ts";
import type { ConfigSection } from "../formats/render.ts";
import { lookUpCommand } from "../host/command_lookup.ts";
import type { OrderFailure } from "../supervisord/supervisord_process.ts";
import { mayReadProc } from "../host/ask_permission.ts";

const SHELL = "/bin/sh";
const NULL = "/dev/null";

/** Variables that shells add where they are not there. */
const ADDED = ["PWD", "OLDPWD", "SHLVL"];

/** Opens the path and becomes the command. Only these words vary. */
function renderScript(env: Environment): string {
  const absent = ADDED.filter((name) => env[name] === undefined);
  return `${absent.length === 0 ? "" : `unset ${absent.join(" ")}; `}exec "$@" <"$0"`;
}

/**
 * Names that a shell takes over or drops; where the environment has one, the engine would not get it as
 * it is. Seen with dash: any that is no identifier, and these.
 */
const ODD = /^(?![A-Za-z_][A-Za-z0-9_]*$)|^(IFS|LINENO|OPTIND|PPID|PS[124]|SHELLOPTS|BASHOPTS)$/;

/** The engine's stdin, and how it gets there. */
export interface EngineStdin {
  /** What it is, in words. */
  readonly text: string;
  /** What runs the engine's command; empty where supervisord's pipe stays. */
  readonly wrapper: readonly string[];
  /** Why the command cannot be started, which supervisord no longer sees through the wrapper. */
  readonly findProblem: () => OrderFailure | undefined;
}

/** What decides. */
export interface StdinOptions {
  /** The engine's command and its arguments. */
  readonly argv: readonly string[];
  /** The environment. */
  readonly env: Environment;
  /** The sections whose options the engine is started with: its own, and supervisord's. */
  readonly sections: readonly ConfigSection[];
  /** Whether our own stdin is the engine's to read: nobody else's, and its user's. */
  readonly mayRead: boolean;
}

/**
 * Decides what the engine's stdin is: ours where the container has one (`docker run -i`), else
 * `/dev/null`; and where a shell cannot be had, or would change the engine's environment, supervisord's
 * pipe.
 *
 * @param options What decides.
 * @returns What it is.
 */
export function planStdin({ argv, env, sections, mayRead }: StdinOptions): EngineStdin {
  const reason = findObstacle(argv, env, sections);
  if (reason !== undefined) {
    return {
      text: `a pipe of supervisord's without an end, since ${reason}`,
      wrapper: [],
      findProblem: () => undefined,
    };
  }
  const path = mayRead && canBeReopened() ? `/proc/${Deno.pid}/fd/0` : NULL;
  return {
    text: path === NULL ? NULL : "the container's own",
    wrapper: [SHELL, "-c", renderScript(env), path],
    findProblem: () => findProblem(argv[0] ?? "", env),
  };
}

function findObstacle(
  [command = ""]: readonly string[],
  env: Environment,
  sections: readonly ConfigSection[],
): string | undefined {
  if (lookUpCommand(SHELL).kind !== "found") return `${SHELL} cannot run`;
  const lists = sections.map((section) => parseEnvironmentList(section.get("environment") ?? ""));
  const names = lists.flatMap((list) => "failure" in list ? ["?"] : [...list.variables.keys()]);
  const odd = [...Object.keys(env), ...readOwnNames(), ...names].find((name) => ODD.test(name));
  if (odd !== undefined) return `a shell would not pass the variable ${odd} on`;
  const isMoved = command.includes("/")
    ? !command.startsWith("/") && sections.some((section) => section.has("directory"))
    : names.includes("PATH");
  if (isMoved || findProblem(command, env) !== undefined) {
    return "only supervisord knows where the command is";
  }
  return undefined;
}

/** As supervisord would say it. */
function findProblem(command: string, env: Environment): OrderFailure | undefined {
  const lookup = lookUpCommand(command, env.PATH);
  if (lookup.kind === "found") return undefined;
  const text = lookup.kind === "not_found"
    ? `can't find command '${command}': ${lookup.reason}`
    : `command at '${command}' is not executable: ${lookup.reason}`;
  return { text, isHopeless: true };
}

/** Names of our own environment, those included whose values Deno does not tell. */
function readOwnNames(): string[] {
  if (!mayReadProc()) return [];
  try {
    const text = new TextDecoder("latin1").decode(Deno.readFileSync("/proc/self/environ"));
    return text.split("\0").filter((entry) => entry !== "").map((entry) =>
      entry.split("=", 1)[0] ?? ""
    );
  } catch {
    return [];
  }
}

/** Sockets cannot be opened by a path, and a named pipe without a writer would make the engine wait. */
function canBeReopened(): boolean {
  if (!mayReadProc()) return false;
  const path = "/proc/self/fd/0";
  try {
    const target = Deno.readLinkSync(path);
    if (target === NULL) return false;
    if (Deno.statSync(path).isFifo && !target.startsWith("pipe:")) return false;
    Deno.openSync(path).close();
    return true;
  } catch {
    return false;
  }
}
