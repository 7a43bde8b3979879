/**
 * LitServe. Most of its servers are scripts of the user's own, which no command line tells.
 *
 * @see https://lightning.ai/docs/litserve/api-reference/litserver
 * @module
 */
import { type EngineProfile, PYTHON_SHM_NAMES } from "./profile.ts";

/** `lightning serve`. */
export const LITSERVE: EngineProfile = {
  name: "litserve",
  title: "LitServe",
  commands: [
    { program: "lightning", subcommands: ["serve"] },
    { program: "litserve" },
    { module: "litserve" },
  ],
  listening: {
    host: { options: ["--host"], variables: [], fallback: "0.0.0.0" },
    port: { options: ["--port"], variables: [], fallback: "8000" },
  },
  healthPath: "/health",
  causes: [
    {
      cause: "worker_died",
      words: /One or more workers failed to start|worker \S+ .{0,40}exited/i,
      strength: "faint",
      atAnyLevel: true,
    },
  ],
  shmNames: PYTHON_SHM_NAMES,
  tmpSockets: [],
};
