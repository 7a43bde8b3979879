/** standard-supervisor, by `deno run` and as the executable that scripts/build.sh makes. */
import { BUILT_PROBLEM, BUILT_PROGRAM } from "../../../tests/support/program.ts";
import { makeDenoCommand } from "../../../tests/support/run.ts";
import { GRACE_SECS, type Service, type Source } from "../contender.ts";
import { ask, CACHE } from "../install.ts";
import { findSupervisord } from "./supervisord.ts";

/** The supervisord that both run under: the same one. */
const SUPERVISORD = "4.3.0";

/** A copy of Deno: pages that the bench's own Deno shares with it would halve its memory. */
export function copyDeno(): string {
  const path = `${CACHE}/deno-${Deno.version.deno}`;
  try {
    if (Deno.statSync(path).size === Deno.statSync(Deno.execPath()).size) return path;
  } catch { /* Not copied yet. */ }
  Deno.mkdirSync(CACHE, { recursive: true });
  Deno.copyFileSync(Deno.execPath(), path);
  return path;
}

function makeEnvironment(supervisord: string, { retries }: Service): Record<string, string> {
  return {
    SUPERVISORD_PATH: supervisord,
    SUPERVISOR_PROGRAM_STOPWAITSECS: String(GRACE_SECS),
    ...retries === undefined ? {} : { PROCESS_MAX_START_RETRIES: String(retries) },
  };
}

/** By `deno run`. */
export const OURS_BY_DENO: Source = {
  name: "standard-supervisor, deno run",
  find: async () => {
    const supervisord = await findSupervisord(SUPERVISORD);
    if (typeof supervisord === "string") return supervisord;
    const [, ...args] = makeDenoCommand([]);
    const program = [copyDeno(), ...args];
    return {
      name: "standard-supervisor, deno run",
      version: `Deno ${Deno.version.deno}, supervisord ${SUPERVISORD}`,
      kind: "supervisor",
      isOurs: true,
      define: (service) => ({
        command: [...program, ...service.engine],
        env: makeEnvironment(supervisord.path, service),
      }),
    };
  },
};

/** As the executable. */
export const OURS_BUILT: Source = {
  name: "standard-supervisor, executable",
  find: async () => {
    if (BUILT_PROBLEM !== undefined) return BUILT_PROBLEM;
    const supervisord = await findSupervisord(SUPERVISORD);
    if (typeof supervisord === "string") return supervisord;
    const version = await ask(BUILT_PROGRAM, "--version");
    return {
      name: "standard-supervisor, executable",
      version: `${/Deno [\d.]+/.exec(version ?? "")?.[0]}, supervisord ${SUPERVISORD}`,
      kind: "supervisor",
      isOurs: true,
      define: (service) => ({
        command: [BUILT_PROGRAM, ...service.engine],
        env: makeEnvironment(supervisord.path, service),
      }),
    };
  },
};
