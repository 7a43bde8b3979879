/** circus: `circusd` with one watcher; where a budget is asked for, its flapping plugin. */

import { GRACE_SECS, quoteWords, type Source } from "../contender.ts";
import { findPython } from "../install.ts";

const VERSION = "0.19.0";

/** From PyPI. */
export const CIRCUS: Source = {
  name: "circus",
  find: async () => {
    const found = await findPython(`circus-${VERSION}`, [`circus==${VERSION}`]);
    if (typeof found === "string") return found;
    return {
      name: "circus",
      version: VERSION,
      kind: "supervisor",
      define: ({ engine, retries }, directory) => {
        const file = `${directory}/circus.ini`;
        const flapping = retries === undefined ? "" : `[plugin:flapping]
use = circus.plugins.flapping.Flapping
attempts = ${retries + 1}
window = 60
retry_in = 1
max_retry = 0
`;
        Deno.writeTextFileSync(
          file,
          `[circus]
endpoint = ipc://${directory}/c
pubsub_endpoint = ipc://${directory}/p
[watcher:engine]
cmd = ${quoteWords(engine)}
copy_env = True
graceful_timeout = ${GRACE_SECS}
${flapping}`,
        );
        return { command: [`${found.directory}/bin/circusd`, file] };
      },
    };
  },
};
