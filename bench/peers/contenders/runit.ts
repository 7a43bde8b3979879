/**
 * runit: `runsv` over its one service. `runsvdir`, which watches many, ends at SIGTERM without ending what it runs.
 * It has no budget.
 */

import { quoteWords, type Source, writeScript } from "../contender.ts";
import { findDebian } from "../install.ts";

/** From Debian. */
export const RUNIT: Source = {
  name: "runit",
  find: async (mayInstall) => {
    const found = await findDebian("runit", "runsv", mayInstall);
    if (typeof found === "string") return found;
    return {
      name: "runit",
      version: found.version,
      kind: "supervisor",
      define: ({ engine }, directory) => {
        Deno.mkdirSync(`${directory}/engine`);
        writeScript(`${directory}/engine/run`, [`exec ${quoteWords(engine)}`]);
        return { command: [found.path, `${directory}/engine`] };
      },
    };
  },
};
