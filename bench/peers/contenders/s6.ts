/** s6: `s6-svscan` over a directory of one service, ended by its own tools where a budget is asked for. */

import { GRACE_SECS, quoteWords, type Source, writeScript } from "../contender.ts";
import { findDebian } from "../install.ts";

/** Deaths of any kind, within this, use the budget up, s. */
const WINDOW_SECS = 3_600;

/** From Debian. */
export const S6: Source = {
  name: "s6",
  find: async (mayInstall) => {
    const found = await findDebian("s6", "s6-svscan", mayInstall);
    if (typeof found === "string") return found;
    return {
      name: "s6",
      version: found.version,
      kind: "supervisor",
      define: ({ engine, retries }, directory) => {
        const scan = `${directory}/scan`;
        Deno.mkdirSync(`${scan}/engine`, { recursive: true });
        writeScript(`${scan}/engine/run`, [`exec ${quoteWords(engine)}`]);
        Deno.writeTextFileSync(`${scan}/engine/timeout-kill`, `${GRACE_SECS * 1000}\n`);
        if (retries !== undefined) {
          // s6-permafailon ends with 125 where the deaths are too many: s6-supervise then gives up, but s6-svscan stays.
          const tally = `s6-permafailon ${WINDOW_SECS} ${retries + 1} 0-255,SIGKILL true`;
          writeScript(`${scan}/engine/finish`, [
            `${tally} && exit 0`,
            `echo 1 >${directory}/code`,
            `s6-svscanctl -t ${scan}`,
            "exit 125",
          ]);
          Deno.mkdirSync(`${scan}/.s6-svscan`);
          writeScript(`${scan}/.s6-svscan/finish`, [
            `exit "$(cat ${directory}/code 2>/dev/null || echo 0)"`,
          ]);
        }
        return { command: [found.path, scan] };
      },
    };
  },
};
