/**
 * Finding supervisord, spawning it, and reading what it says of its processes.
 *
 * Permissions: `--allow-run` of supervisord (or python3), `--allow-read` of PATH's directories.
 *
 * @module
 */
import { lookUpCommand } from "../host/command_lookup.ts";
import type { Environment } from "../configuration/configuration.ts";
import type { Exit } from "../policy/outcome.ts";
import type { ProcessStatus } from "../policy/observation.ts";
import type { XmlRpcValue } from "../formats/xmlrpc.ts";

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

/** One process as supervisord's `getAllProcessInfo` tells it. */
export interface ProcessInfo {
  /** `group:process`. */
  readonly name: string;
  /** The process's name without its group, as the log gives it. */
  readonly shortName: string;
  /** STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED, FATAL or UNKNOWN. */
  readonly state: string;
  /** 0 when it does not run. */
  readonly pid: number;
  /** Its exit code, -1 after a signal; only true in EXITED and STOPPED. */
  readonly exitCode: number;
  /** Why it could not be spawned or ended badly, in supervisord's words. */
  readonly spawnError: string;
}

/**
 * Reads the answer of `supervisor.getAllProcessInfo`.
 *
 * @param value The answer.
 * @returns One entry a process.
 * @throws {TypeError} If it is not of that form.
 * @see https://supervisord.org/api.html#supervisor.rpcinterface.SupervisorNamespaceRPCInterface.getProcessInfo
 */
export function parseProcessInfos(value: XmlRpcValue): ProcessInfo[] {
  if (!Array.isArray(value)) {
    throw new TypeError("Cannot read supervisord's processes: not an array");
  }
  return value.map((item: XmlRpcValue) => {
    if (typeof item !== "object" || item === null) {
      throw new TypeError("Cannot read supervisord's processes: not a struct");
    }
    const info = item as { readonly [name: string]: XmlRpcValue };
    return {
      name: `${info.group}:${info.name}`,
      shortName: String(info.name),
      state: String(info.statename),
      pid: Number(info.pid),
      exitCode: Number(info.exitstatus),
      spawnError: String(info.spawnerr),
    };
  });
}

/**
 * Tells a process's state in the policy's terms.
 *
 * @param info What supervisord says.
 * @param loggedExit How its log says the process ended, which alone names a signal.
 * @param spawnError Why the last order to start it could not be carried out.
 * @returns The status.
 */
export function toProcessStatus(
  info: ProcessInfo,
  loggedExit: Exit | undefined,
  spawnError: string | undefined,
): ProcessStatus {
  switch (info.state) {
    case "STARTING":
    case "RUNNING":
      return { kind: "alive", pid: info.pid };
    case "STOPPING":
      return { kind: "stopping" };
    case "EXITED": {
      const exit: Exit = info.exitCode >= 0 ? { kind: "code", code: info.exitCode } : {
        kind: "signal",
        signal: loggedExit?.kind === "signal" ? loggedExit.signal : undefined,
      };
      return { kind: "ended", exit, spawnError };
    }
    case "BACKOFF":
    case "FATAL":
    case "UNKNOWN":
      return {
        kind: "ended",
        exit: loggedExit ?? { kind: "code", code: 1 },
        spawnError: info.spawnError || `supervisord calls it ${info.state}`,
      };
    default:
      return { kind: "stopped" };
  }
}
