/** Canonical's pebble, where `PEBBLE` names its executable. */

import { GRACE_SECS, quoteWords, type Source } from "../contender.ts";
import { ask, findNamed } from "../install.ts";

/** With one layer, in JSON, which YAML is a superset of. It backs off, but has no budget. */
export const PEBBLE: Source = {
  name: "pebble",
  find: async () => {
    const found = findNamed("PEBBLE");
    if (typeof found === "string") return found;
    const version = await ask(found.path, "version", "--client");
    if (version === undefined) return `${found.path} version failed`;
    return {
      name: "pebble",
      version,
      kind: "supervisor",
      define: ({ engine }, directory) => {
        const service = {
          ...{ override: "replace", command: quoteWords(engine), startup: "enabled" },
          ...{ "on-failure": "restart", "on-success": "restart", "kill-delay": `${GRACE_SECS}s` },
        };
        Deno.mkdirSync(`${directory}/pebble/layers`, { recursive: true });
        Deno.writeTextFileSync(
          `${directory}/pebble/layers/001-engine.yaml`,
          JSON.stringify({ services: { engine: service } }),
        );
        // The variable is its own too: where its files lie.
        return {
          command: [found.path, "run", "--verbose"],
          env: { PEBBLE: `${directory}/pebble` },
        };
      },
    };
  },
};
