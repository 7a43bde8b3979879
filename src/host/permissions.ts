/**
 * Deno's permissions: what a run needs, what each is for, and what is lost without it. One list: the
 * check before a start, its messages and the table of docs/permissions.md come from it.
 *
 * Nothing here asks Deno. A permission that Deno would prompt for counts as missing, since in a container
 * nobody answers.
 *
 * @see https://docs.deno.com/runtime/fundamentals/security/
 * @module
 */

/** A permission, as docs/permissions.md tells it. */
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
    purpose: "the variables",
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
    purpose: "the run directory, `SUPERVISOR_CONFIG_PATH`, `PROCESS_TERMINATION_LOG`",
    narrowest:
      "`=/tmp`: `TMPDIR`, else `/tmp`; the directory of `SUPERVISOR_CONFIG_PATH` where set",
    without: REFUSED,
  },
  run: {
    flag: "--allow-run",
    purpose:
      "supervisord, signals, `/bin/sh` for the guard that ends the engine when standard-supervisor is killed",
    narrowest:
      "all of it, since Deno sends no signal without; for direct launch without FFI the command",
    without: `${REFUSED}; direct launch with FFI does not need it`,
  },
  net: {
    flag: "--allow-net",
    purpose:
      "supervisord's socket (Deno 2.7 and later), the host of `PROCESS_HEALTH_URL`, `PROCESS_STATUS_PORT`, the port of an engine that is known; 127.0.0.1:9229, to keep the " +
      "debugger shut that Deno 2.9.2 and later open at SIGUSR1",
    narrowest:
      "`=unix:/run/supervisor.sock,127.0.0.1:9229` with `SUPERVISOR_UNIX_HTTP_SERVER_FILE=/run/supervisor.sock`, " +
      "which then is also to be read and written; without that variable all of it, since the path is new each time",
    without:
      `${REFUSED}; without the debugger's port a warning; without the engine's \`startsecs\` decides when it has started`,
  },
  sys: {
    flag: "--allow-sys",
    purpose: "the user's and the group's number, the host's name",
    narrowest:
      "`=uid,gid,hostname`; with `statfs` a full disk or /dev/shm is known as the cause of a death",
    without: REFUSED,
  },
  ffi: {
    flag: "--allow-ffi",
    purpose:
      "waiting for the engine's death without polling, reaping orphans as PID 1, `execvp` for direct launch, marks by which orphans are known, a limit to how " +
      "long Deno's telemetry holds up the end",
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
  const render = (permission: PermissionName): string =>
    PERMISSIONS[permission].flag + renderValue(permission, needs);
  const required = missing.filter(({ lost }) => lost === undefined);
  const costly = missing.filter(({ lost }) => lost !== undefined);
  return {
    refusal: required.length === 0 ? undefined : "Cannot run without permissions of Deno: " +
      [...Map.groupBy(required, ({ permission }) => permission)].map(([permission, of]) =>
        `${
          of.some(isDenied)
            ? `${PERMISSIONS[permission].flag} without --deny-${permission}`
            : render(permission)
        } (${[...new Set(of.map(({ purpose }) => purpose))].join("; ")})`
      ).join(", ") + "; -A gives all of them",
    warning: costly.length === 0 ? undefined : "Permissions of Deno are missing: " +
      costly.map((need) =>
        `${
          isDenied(need) ? `with --deny-${need.permission}` : `without ${render(need.permission)}`
        }, ${need.lost}`
      ).join("; "),
  };
}

/** `=` and everything that the flag must name; nothing where it must name nothing. */
function renderValue(permission: PermissionName, needs: readonly PermissionNeed[]): string {
  const values = needs.filter((need) => need.permission === permission).map(({ value }) => value);
  return values.includes(undefined) ? "" : `=${[...new Set(values)].join(",")}`;
}

/** Deno does not grant what a run cannot do without. */
export class PermissionsMissing extends Error {
  /** Tells it from other errors. */
  override name = "PermissionsMissing";
}
