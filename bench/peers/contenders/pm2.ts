/** pm2-runtime, PM2's program for containers, with one application that is no Node.js. */
import { GRACE_SECS, type Source } from "../contender.ts";
import { findNode } from "../install.ts";

const VERSION = "7.0.4";

/** From npm. */
export const PM2: Source = {
  name: "pm2-runtime",
  find: async () => {
    const found = await findNode("pm2", VERSION, "pm2-runtime");
    if (typeof found === "string") return found;
    return {
      name: "pm2-runtime",
      version: VERSION,
      kind: "supervisor",
      define: ({ engine, retries }, directory) => {
        const [script, ...args] = engine;
        const app = {
          ...{ name: "engine", script, args, interpreter: "none", exec_mode: "fork" },
          ...{ kill_timeout: GRACE_SECS * 1000, out_file: "/dev/null", error_file: "/dev/null" },
          // It counts the first start as well.
          ...retries === undefined ? {} : { max_restarts: retries + 1 },
        };
        const file = `${directory}/ecosystem.config.json`;
        Deno.writeTextFileSync(file, JSON.stringify({ apps: [app] }));
        return {
          command: [found.path, "start", file, "--raw"],
          env: { PM2_HOME: `${directory}/pm2` },
        };
      },
    };
  },
};
