/**
 * What supervisord says of its processes, in the policy's terms.
 *
 * @module
 */
import type { Exit } from "../formats/exit.ts";
import type { XmlRpcValue } from "../formats/xmlrpc.ts";
import type { ProcessStatus } from "../policy/observation.ts";

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
  /** Whether it was ever spawned since supervisord read its configuration. */
  readonly wasSpawned: boolean;
  /** Why it could not be spawned or ended badly, in supervisord's words. */
  readonly spawnError: string;
}

/**
 * Reads the answer of `supervisor.getAllProcessInfo`.
 *
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
      wasSpawned: Number(info.start) > 0,
      spawnError: String(info.spawnerr),
    };
  });
}

/** Tells a process's state in the policy's terms. */
export function toProcessStatus(
  info: ProcessInfo,
  loggedExit: Exit | undefined,
  seenExit: Exit | undefined,
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
        signal: signalOf(seenExit) ?? signalOf(loggedExit),
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
      // One that was never spawned stays STOPPED, whatever came of the order.
      return spawnError === undefined
        ? { kind: "stopped", isNew: !info.wasSpawned }
        : { kind: "ended", exit: { kind: "code", code: 1 }, spawnError };
  }
}

function signalOf(exit: Exit | undefined): string | undefined {
  return exit?.kind === "signal" ? exit.signal : undefined;
}
