/** Plain supervisord, as its documentation has it in a container: `supervisord -n` and one program. */

import {
  type Definition,
  GRACE_SECS,
  quoteWords,
  type Service,
  type Source,
} from "../contender.ts";
import { findPython } from "../install.ts";

/** 4.2.5 needs pkg_resources, which later setuptools lack. */
const PACKAGES: ReadonlyMap<string, readonly string[]> = new Map([
  ["4.2.5", ["supervisor==4.2.5", "setuptools<80"]],
  ["4.3.0", ["supervisor==4.3.0"]],
]);

/** An installed supervisord. */
export interface Installed {
  readonly path: string;
  /** Its interpreter. */
  readonly python: string;
}

/** @returns The supervisord of a version, installed from PyPI; or why it cannot be had. */
export async function findSupervisord(version: string): Promise<Installed | string> {
  const packages = PACKAGES.get(version) ?? [`supervisor==${version}`];
  const found = await findPython(`supervisor-${version}`, packages);
  if (typeof found === "string") return found;
  const bin = `${found.directory}/bin`;
  return { path: `${bin}/supervisord`, python: `${bin}/python3` };
}

/** Where its socket is, in the run's directory. */
export const SOCKET = "supervisord.sock";

/**
 * Writes its configuration.
 *
 * @param path The executable.
 * @param service What to run.
 * @param directory For the file.
 * @param autorestart Whether the engine is started again when it has ended.
 * @returns How to run it.
 */
export function definePlain(
  path: string,
  { engine, retries }: Service,
  directory: string,
  autorestart: "true" | "false" = "true",
): Definition {
  const file = `${directory}/supervisord.conf`;
  Deno.writeTextFileSync(
    file,
    `[supervisord]
nodaemon=true
logfile=/dev/null
logfile_maxbytes=0
pidfile=${directory}/supervisord.pid
[unix_http_server]
file=${directory}/${SOCKET}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:engine]
command=${quoteWords(engine)}
autorestart=${autorestart}
${retries === undefined ? "" : `startretries=${retries}\n`}stopwaitsecs=${GRACE_SECS}
stdout_logfile=/dev/fd/1
stdout_logfile_maxbytes=0
stderr_logfile=/dev/fd/2
stderr_logfile_maxbytes=0
`,
  );
  return { command: [path, "-s", "-n", "-c", file] };
}

function makeSource(version: string): Source {
  const name = `supervisord ${version}`;
  return {
    name,
    find: async () => {
      const found = await findSupervisord(version);
      if (typeof found === "string") return found;
      return {
        name,
        version,
        kind: "supervisor",
        define: (service, directory) => definePlain(found.path, service, directory),
      };
    },
  };
}

/** Both versions that are in use. */
export const SUPERVISORDS: readonly Source[] = [...PACKAGES.keys()].map(makeSource);
