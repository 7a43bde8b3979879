/**
 * What a run needs of Deno, as far as its configuration and this machine tell.
 *
 * Nothing here asks Deno.
 *
 * @module
 */
import { findNetHost } from "../host/net_need.ts";
import { DEBUGGER_ADDRESS, startsDebugger } from "../linux/debugger_guard.ts";
import { listLibcPaths } from "../linux/libc.ts";
import type { PermissionName, PermissionNeed } from "../host/permissions.ts";

/** What the needs of a run depend on. */
export interface PermissionFacts {
  /** Whether supervisord runs the engine; else it is launched directly. */
  readonly isSupervised: boolean;
  /** Whether the environment is still to be read. */
  readonly readsEnvironment: boolean;
  /** Where the run directory is to lie. */
  readonly place: string;
  /** Files, and directories that are searched for programs. */
  readonly searched: readonly string[];
  /** Further files and directories that are read. */
  readonly read: readonly string[];
  /** Further files and directories that are read and written. */
  readonly written: readonly string[];
  /** supervisord's socket, where its path is known before the start. */
  readonly socket: string | undefined;
  /** `host:port` of the health URL. */
  readonly healthHost: string | undefined;
  /** `host:port` of the status port. */
  readonly statusAddress: string | undefined;
  /** The command's first word. */
  readonly command: string;
  /** Whether an installer is to be run, and stopped, before the engine. */
  readonly installs: boolean;
  /** Whether this process is PID 1. */
  readonly isInit: boolean;
  /** Whether the C library may be called. */
  readonly hasFfi: boolean;
  /** `Deno.version.deno`. */
  readonly denoVersion: string;
  /** `Deno.build.arch`. */
  readonly arch: string;
}

/** Finds what a run needs of Deno. */
export function findNeeds(facts: PermissionFacts): PermissionNeed[] {
  return [
    ...(facts.readsEnvironment ? [ENVIRONMENT_NEED] : []),
    ...findFileNeeds(facts),
    ...findRunNeeds(facts),
    ...findNetNeeds(facts),
    ...(["uid", "gid", "hostname"] as const)
      .filter((kind) => kind !== "hostname" || facts.isSupervised)
      .map((kind) =>
        narrowly("sys", { name: "sys", kind }, kind, "the user's number and the host's name")
      ),
    ...findUnsafeNeeds(facts),
  ];
}

function wholly(name: "env" | "run" | "net", purpose: string): PermissionNeed {
  return { permission: name, anyOf: [{ name }], value: undefined, purpose, lost: undefined };
}

function narrowly(
  permission: PermissionName,
  descriptor: Deno.PermissionDescriptor,
  value: string,
  purpose: string,
  lost?: string,
): PermissionNeed {
  return { permission, anyOf: [descriptor], value, purpose, lost };
}

/** The environment, before anything is known of what it asks for. */
export const ENVIRONMENT_NEED: PermissionNeed = wholly("env", "the variables");

/** Finds what it takes to read a file or directory and write it, or what is in it. */
export function findWritingNeeds(path: string, purpose: string): PermissionNeed[] {
  return (["read", "write"] as const).map((name) => narrowly(name, { name, path }, path, purpose));
}

/** Finds what it takes to ask a URL that the engine's kind tells. */
export function findConnectNeed(url: string, purpose: string): PermissionNeed {
  const host = findNetHost(url);
  return narrowly("net", { name: "net", host }, host, purpose);
}

function findFileNeeds(facts: PermissionFacts): PermissionNeed[] {
  const read = (path: string, purpose: string) =>
    narrowly("read", { name: "read", path }, path, purpose);
  return [
    ...(facts.isSupervised ? findWritingNeeds(facts.place, "the run directory") : []),
    ...facts.searched.map((path) => read(path, "to find programs")),
    ...facts.read.map((path) => read(path, "files that the variables name")),
    ...facts.written.flatMap((path) => findWritingNeeds(path, "files that the variables name")),
    ...(facts.socket === undefined ? [] : findWritingNeeds(facts.socket, "supervisord's socket")),
  ];
}

function findRunNeeds(facts: PermissionFacts): PermissionNeed[] {
  const { isSupervised, installs, hasFfi, command } = facts;
  if (isSupervised) {
    return [wholly("run", "supervisord and signals, which Deno sends only with all of it")];
  }
  if (installs) return [wholly("run", "the installer and its signals")];
  if (hasFfi) return [];
  return [narrowly("run", { name: "run", command }, command, "the command")];
}

/** Before 2.7 Deno wants no net for a unix socket, and does not understand the question. */
function asksForSockets(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 2 || (major === 2 && minor >= 7);
}

function findNetNeeds(facts: PermissionFacts): PermissionNeed[] {
  const { isSupervised, hasFfi, socket, healthHost, statusAddress, denoVersion } = facts;
  if (!isSupervised && hasFfi) return []; // What replaces this process needs nothing of ours.
  const needs: PermissionNeed[] = [];
  const add = (host: string, purpose: string, lost?: string) =>
    needs.push(narrowly("net", { name: "net", host }, host, purpose, lost));
  if (isSupervised && asksForSockets(denoVersion)) {
    if (socket !== undefined) add(`unix:${socket}`, "supervisord's socket");
    else {
      needs.push(wholly(
        "net",
        "supervisord's socket, whose path is new each time unless SUPERVISOR_UNIX_HTTP_SERVER_FILE names it",
      ));
    }
  }
  if (isSupervised && healthHost !== undefined) add(healthHost, "PROCESS_HEALTH_URL");
  if (isSupervised && statusAddress !== undefined) add(statusAddress, "PROCESS_STATUS_PORT");
  if (startsDebugger(denoVersion)) {
    const lost = `SIGUSR1 opens Deno's debugger on ${DEBUGGER_ADDRESS}`;
    add(DEBUGGER_ADDRESS, "to keep Deno's debugger shut", lost);
  }
  return needs;
}

/** What only costs something where it is missing. */
function findUnsafeNeeds({ isSupervised, isInit, arch }: PermissionFacts): PermissionNeed[] {
  const paths = listLibcPaths(arch);
  const orphans = isInit
    ? " and orphans stay zombies (start the container with --init, or put tini first)"
    : "";
  const ffi: PermissionNeed = {
    permission: "ffi",
    anyOf: paths.map((path) => ({ name: "ffi", path })),
    value: paths[0],
    purpose: "the C library",
    lost: isSupervised
      ? `a death is noticed late${orphans}`
      : "the engine runs as a child instead of replacing this process",
  };
  if (!isSupervised) return [ffi];
  return [ffi, {
    permission: "all",
    anyOf: [{ name: "proc" }],
    value: undefined,
    purpose: "/proc",
    lost:
      "only the engine's process group is swept, and who holds a GPU or blocks the output is not seen",
  }];
}
