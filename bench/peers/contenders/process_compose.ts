/** process-compose, where `PROCESS_COMPOSE` names its executable; its ordinary client is a download. */
import { GRACE_SECS, type Source } from "../contender.ts";
import { ask, findNamed } from "../install.ts";

/** From a file of JSON, which YAML is a superset of. */
export const PROCESS_COMPOSE: Source = {
  name: "process-compose",
  find: async () => {
    const found = findNamed("PROCESS_COMPOSE");
    if (typeof found === "string") return found;
    const version = await ask(found.path, "version", "--short");
    if (version === undefined) return `${found.path} version failed`;
    return {
      name: "process-compose",
      version,
      kind: "supervisor",
      define: ({ engine, retries }, directory) => {
        const availability = retries === undefined ? { restart: "always" } : {
          ...{ restart: "on_failure", backoff_seconds: 1, max_restarts: retries },
          exit_on_end: true,
        };
        const shutdown = { signal: 15, timeout_seconds: GRACE_SECS };
        const processes = { engine: { entrypoint: engine, availability, shutdown } };
        const file = `${directory}/process-compose.yaml`;
        Deno.writeTextFileSync(file, JSON.stringify({ version: "0.5", processes }));
        return { command: [found.path, "up", "-f", file, "--tui=false", "--no-server"] };
      },
    };
  },
};
