/**
 * uvicorn, whatever application it serves.
 *
 * @see https://www.uvicorn.org/settings/
 * @module
 */
import { type EngineProfile, PYTHON_SHM_NAMES } from "./profile.ts";

/** `uvicorn`. */
export const UVICORN: EngineProfile = {
  name: "uvicorn",
  title: "uvicorn",
  commands: [{ program: "uvicorn" }, { module: "uvicorn" }],
  listening: {
    host: { options: ["--host"], variables: ["UVICORN_HOST"], fallback: "127.0.0.1" },
    port: { options: ["--port"], variables: ["UVICORN_PORT"], fallback: "8000" },
    socket: ["--uds", "--fd"],
    tls: ["--ssl-certfile", "--ssl-keyfile"],
  },
  // It runs the application's start-up, which loads the model, before it listens.
  listensWhenReady: true,
  causes: [
    { cause: "bad_arguments", words: /Error loading ASGI app/, atAnyLevel: true },
    {
      cause: "worker_died",
      words: /Child process \[\d+\] died/,
      strength: "faint",
      atAnyLevel: true,
    },
  ],
  shmNames: PYTHON_SHM_NAMES,
  tmpSockets: [],
};
