/**
 * Deno's permissions: what a run needs, what each is for, and what is lost without it. One list: the
 * check before a start, its messages and README's table come from it.
 *
 * Nothing here asks Deno. A permission that Deno would prompt for counts as missing, since in a container
 * nobody answers.
 *
 * @see https://docs.deno.com/runtime/fundamentals/security/
 * @module
 */

/** A permission, as README's table tells it. */
export interface PermissionSpec {
  /** The flag that grants it. */
  readonly flag: string;
  /** What it is for. */
  readonly purpose: string;
  /** The narrowest value that works. */
  readonly narrowest: string;
  /** What happens without it. */
  readonly without: string;
}

const REFUSED = "nothing starts: exit code 1";

/** Every permission that a run may need. */
export const PERMISSIONS = {
  env: {
    flag: "--allow-env",
    purpose: "the variables above",
    narrowest: "all of it, since any variable may be meant",
    without: REFUSED,
  },
  read: {
    flag: "--allow-read",
    purpose:
      "the run directory, `SUPERVISOR_CONFIG_PATH`, the command, supervisord, the model's `requirements.txt`",
    narrowest:
      "`=/tmp,/opt/ml/model,…`: `TMPDIR` (else `/tmp`), `SAGEMAKER_MODEL_PATH`, PATH's directories, or the command " +
      "and `SUPERVISORD_PATH` where both are absolute",
    without: REFUSED,
  },
  write: {
    flag: "--allow-write",
    purpose: "the run directory, `SUPERVISOR_CONFIG_PATH`",
    narrowest:
      "`=/tmp`: `TMPDIR`, else `/tmp`; the directory of `SUPERVISOR_CONFIG_PATH` where set",
    without: REFUSED,
  },
  run: {
    flag: "--allow-run",
    purpose:
      "supervisord, signals, `/bin/sh` for the lifeline that ends the engine when standard-supervisor is killed",
    narrowest:
      "all of it, since Deno sends no signal without; for direct launch without FFI the command",
    without: `${REFUSED}; direct launch with FFI does not need it`,
  },
  net: {
    flag: "--allow-net",
    purpose:
      "supervisord's socket (Deno 2.7 and later), the host of `PROCESS_HEALTH_URL`; 127.0.0.1:9229, to keep the " +
      "debugger shut that Deno 2.9.2 and later open at SIGUSR1",
    narrowest:
      "`=unix:/run/supervisor.sock,127.0.0.1:9229` with `SUPERVISOR_UNIX_HTTP_SERVER_FILE=/run/supervisor.sock`, " +
      "which then is also to be read and written; without that variable all of it, since the path is new each time",
    without: `${REFUSED}; without the debugger's port a warning`,
  },
  sys: {
    flag: "--allow-sys",
    purpose: "the user's and the group's number, the host's name",
    narrowest: "`=uid,gid,hostname`",
    without: REFUSED,
  },
  ffi: {
    flag: "--allow-ffi",
    purpose:
      "waiting for the engine's death without polling, reaping orphans as PID 1, `execvp` for direct launch",
    narrowest: "the C library's whole path, such as `=/lib/x86_64-linux-gnu/libc.so.6`; " +
      "Deno looks for a bare `libc.so.6` in the working directory",
    without:
      "a warning; a death is noticed late, PID 1 needs `--init` or tini, direct launch has the engine as a child",
  },
  all: {
    flag: "-A",
    purpose:
      "`/proc`, which Deno guards with all permissions at once, so that no `--deny-…` goes with it either",
    narrowest: "none",
    without:
      "a warning; only the engine's process group is swept, the GPU's holders and stalled readers are not seen",
  },
} as const satisfies Readonly<Record<string, PermissionSpec>>;

/** A permission's name in {@linkcode PERMISSIONS}. */
export type PermissionName = keyof typeof PERMISSIONS;

/** What to ask Deno for; `/proc` can only be tried. */
export type PermissionQuestion = Deno.PermissionDescriptor | { readonly name: "proc" };

/** Something that a run needs of Deno. */
export interface PermissionNeed {
  /** Which permission. */
  readonly permission: PermissionName;
  /** What to ask for; one that is granted is enough. */
  readonly anyOf: readonly PermissionQuestion[];
  /** The flag's narrowest value for it; `undefined` where only the whole permission works. */
  readonly value: string | undefined;
  /** What it is for, in words. */
  readonly purpose: string;
  /** What is lost without it; `undefined` where nothing can start. */
  readonly lost: string | undefined;
}

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

/** Whether a version of Deno is another one or a later. */
export function isDenoFrom(version: string, from: readonly [number, number, number]): boolean {
  const parts = version.split(".").map((part) => parseInt(part, 10));
  const differs = from.findIndex((least, index) => least !== (parts[index] ?? 0));
  return differs < 0 || (parts[differs] ?? 0) > (from[differs] ?? 0);
}

/**
 * Where the C library lies, first in Debian and its kin. A grant of FFI for it alone must name it in full.
 *
 * @param arch `Deno.build.arch`.
 * @returns Its paths, the likeliest first.
 */
export function listLibcPaths(arch: string): readonly [string, ...string[]] {
  return [`/lib/${arch}-linux-gnu/libc.so.6`, "/lib64/libc.so.6"];
}

/** Where Deno 2.9.2 and later open their debugger at SIGUSR1, unless somebody listens there. */
export const DEBUGGER_ADDRESS = "127.0.0.1:9229";

/**
 * Finds what a run needs of Deno.
 *
 * @param facts What it depends on.
 * @returns The needs.
 */
export function findNeeds(facts: PermissionFacts): PermissionNeed[] {
  return [
    ...(facts.readsEnvironment ? [ENVIRONMENT_NEED] : []),
    ...findFileNeeds(facts),
    ...findRunNeeds(facts),
    ...(facts.isSupervised ? findNetNeeds(facts) : []),
    ...(["uid", "gid", "hostname"] as const)
      .filter((kind) => kind !== "hostname" || facts.isSupervised)
      .map((kind) => narrowly("sys", { name: "sys", kind }, kind, "who and where we are")),
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

/**
 * Finds what it takes to read a file or directory and write it, or what is in it.
 *
 * @param path Which.
 * @param purpose What for, in words.
 * @returns The needs.
 */
export function findWritingNeeds(path: string, purpose: string): PermissionNeed[] {
  return (["read", "write"] as const).map((name) => narrowly(name, { name, path }, path, purpose));
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

function findNetNeeds({ socket, healthHost, denoVersion }: PermissionFacts): PermissionNeed[] {
  const needs: PermissionNeed[] = [];
  const add = (host: string, purpose: string, lost?: string) =>
    needs.push(narrowly("net", { name: "net", host }, host, purpose, lost));
  if (isDenoFrom(denoVersion, [2, 7, 0])) {
    if (socket !== undefined) add(`unix:${socket}`, "supervisord's socket");
    else {
      needs.push(wholly(
        "net",
        "supervisord's socket, whose path is new each time unless SUPERVISOR_UNIX_HTTP_SERVER_FILE names it",
      ));
    }
  }
  if (healthHost !== undefined) add(healthHost, "PROCESS_HEALTH_URL");
  if (isDenoFrom(denoVersion, [2, 9, 2])) {
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

/** What Deno answers. */
export type Ask = (question: PermissionQuestion) => Deno.PermissionState;

/**
 * Tells what is missing, in a line each for what cannot be done without and for what is lost.
 *
 * @param needs What is needed.
 * @param ask Asks Deno.
 * @returns The lines; `undefined` each where nothing is missing.
 */
export function describeMissing(
  needs: readonly PermissionNeed[],
  ask: Ask,
): { readonly refusal: string | undefined; readonly warning: string | undefined } {
  const missing = needs.filter(({ anyOf }) => !anyOf.some((one) => ask(one) === "granted"));
  const isDenied = ({ anyOf }: PermissionNeed) => anyOf.some((one) => ask(one) === "denied");
  const render = (permission: PermissionName, of: readonly PermissionNeed[]): string => {
    const { flag } = PERMISSIONS[permission];
    const deny = `--deny-${permission}`;
    return of.some(isDenied) ? `${flag} without ${deny}` : flag + renderValue(permission, needs);
  };
  const required = missing.filter(({ lost }) => lost === undefined);
  const costly = missing.filter(({ lost }) => lost !== undefined);
  return {
    refusal: required.length === 0 ? undefined : "Cannot run without permissions of Deno: " +
      [...Map.groupBy(required, ({ permission }) => permission)].map(([permission, of]) =>
        `${render(permission, of)} (${[...new Set(of.map(({ purpose }) => purpose))].join("; ")})`
      ).join(", ") + "; -A gives all of them",
    warning: costly.length === 0 ? undefined : "Permissions of Deno are missing: " +
      costly.map((need) => `without ${render(need.permission, [need])}, ${need.lost}`).join("; "),
  };
}

/** `=` and everything that the flag must name; nothing where it must name nothing. */
function renderValue(permission: PermissionName, needs: readonly PermissionNeed[]): string {
  const values = needs.filter((need) => need.permission === permission).map(({ value }) => value);
  return values.includes(undefined) ? "" : `=${[...new Set(values)].join(",")}`;
}

/** Deno does not grant what a run cannot do without. */
export class PermissionsMissing extends Error {
  override name = "PermissionsMissing";
}
