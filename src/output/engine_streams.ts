/**
 * What the engine's standard streams are. supervisord gives each program three pipes.
 *
 * It never writes to the one for stdin and never closes it: an engine that reads its stdin to the end waits
 * indefinitely. And what it reads from the others it writes to our pipes: a second copy of all output, which stops
 * as soon as supervisord does. So a shell that becomes the engine, with the same pid, opens something else first.
 *
 * The script is constant: it takes the paths and the command as arguments, and no shell reads what users
 * wrote.
 *
 * Permissions: `--allow-read`; all of them for `/proc`, without which stdin is `/dev/null`.
 *
 * @module
 */
import type { OrderFailure } from "../policy/order_failure.ts";
import type { Environment } from "../configuration/configuration.ts";
import { parseEnvironmentList } from "../formats/environment_list.ts";
import type { ConfigSection } from "../formats/render.ts";
import { lookUpCommand } from "../host/command_lookup.ts";
import { mayReadProc } from "../host/ask_permission.ts";

const SHELL = "/bin/sh";
const NULL = "/dev/null";

/** Variables that shells add where they are not there. */
const ADDED = ["PWD", "OLDPWD", "SHLVL"];

/**
 * Opens the paths and becomes the command. Only these words vary. A path of a pipe that cannot be written to,
 * as that of another user's, leaves supervisord's.
 */
function renderScript(env: Environment, hasGate: boolean, hasOutput: boolean): string {
  const absent = ADDED.filter((name) => env[name] === undefined);
  return [
    absent.length === 0 ? "" : `unset ${absent.join(" ")}; `,
    // It waits at the gate if there is one, which is gone once we have opened it (`start_gate.ts`).
    hasGate
      ? '[ ! -p "$1" ] || { read -r _ <"$1"; [ -p "$1" ] && exit 1; } 2>/dev/null; shift; '
      : "",
    hasOutput ? '[ -w "$1" ] && exec >>"$1"; [ -w "$2" ] && exec 2>>"$2"; shift 2; ' : "",
    'exec "$@" <"$0"',
  ].join("");
}

/**
 * Names that a shell takes over or drops; where the environment has one, the engine would not get it as
 * it is. Seen with dash: any that is no identifier, and these.
 */
const ODD = /^(?![A-Za-z_][A-Za-z0-9_]*$)|^(IFS|LINENO|OPTIND|PPID|PS[124]|SHELLOPTS|BASHOPTS)$/;

/** The engine's streams, and how it gets them. */
export interface EngineStreams {
  /** What they are, in words. */
  readonly text: string;
  /** What runs the engine's command; empty where supervisord's pipe stays. */
  readonly wrapper: readonly string[];
  /** Why the command cannot be started, which supervisord no longer sees through the wrapper. */
  readonly findProblem: () => OrderFailure | undefined;
}

/** What decides. */
export interface StreamsOptions {
  /** The engine's command and its arguments. */
  readonly argv: readonly string[];
  /** The environment. */
  readonly env: Environment;
  /** The sections whose options the engine is started with: its own, and supervisord's. */
  readonly sections: readonly ConfigSection[];
  /** Whether our own stdin is the engine's to read: nobody else's, and its user's. */
  readonly mayRead: boolean;
  /** The path of a pipe that its stdout can be; `undefined` where it stays supervisord's. */
  readonly stdout: string | undefined;
  /** The same for its stderr. */
  readonly stderr: string | undefined;
  /** Where its next run waits to begin; `undefined` if it cannot. */
  readonly gate: string | undefined;
}

/**
 * Decides what the engine's streams are. Its stdin is ours where the container has one (`docker run -i`),
 * else `/dev/null`; its output goes where it is told. Where a shell cannot be had, or would change the
 * engine's environment, all are supervisord's pipes.
 */
export function planStreams(options: StreamsOptions): EngineStreams {
  const { argv, env, sections, mayRead, stdout = "", stderr = "", gate } = options;
  const reason = findObstacle(argv, env, sections);
  if (reason !== undefined) {
    return {
      text: `pipes of supervisord's, its stdin without an end, since ${reason}`,
      wrapper: [],
      findProblem: () => undefined,
    };
  }
  const path = mayRead && canBeReopened() ? `/proc/${Deno.pid}/fd/0` : NULL;
  const paths = stdout === "" && stderr === "" ? [] : [stdout, stderr];
  return {
    text: `${path === NULL ? NULL : "the container's own"} as stdin, ${
      ["stdout", "stderr"].map((name, index) =>
        `${paths[index] || "supervisord's pipe"} as ${name}`
      ).join(", ")
    }`,
    wrapper: [
      ...[SHELL, "-c", renderScript(env, gate !== undefined, paths.length > 0), path],
      ...gate === undefined ? [] : [gate],
      ...paths,
    ],
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
