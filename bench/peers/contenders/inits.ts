/** Inits for containers: they start one command, hand signals on and end with it. */
import type { Source } from "../contender.ts";
import { findDebian } from "../install.ts";

function makeSource(name: string, options: readonly string[]): Source {
  return {
    name,
    find: async (mayInstall) => {
      const found = await findDebian(name, name, mayInstall);
      if (typeof found === "string") return found;
      return {
        name,
        version: found.version,
        kind: "init",
        define: ({ engine }) => ({ command: [found.path, ...options, "--", ...engine] }),
      };
    },
  };
}

/** tini, as a subreaper, since it is not PID 1 here. */
export const TINI: Source = makeSource("tini", ["-s"]);

/** dumb-init. */
export const DUMB_INIT: Source = makeSource("dumb-init", []);
