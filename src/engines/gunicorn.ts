/**
 * gunicorn, whatever application it serves.
 *
 * @see https://docs.gunicorn.org/en/stable/settings.html
 * @module
 */
import { type EngineProfile, PYTHON_SHM_NAMES } from "./profile.ts";

/** `gunicorn`. */
export const GUNICORN: EngineProfile = {
  name: "gunicorn",
  title: "gunicorn",
  commands: [{ program: "gunicorn" }, { module: "gunicorn" }, { module: "gunicorn.app.wsgiapp" }],
  listening: {
    host: { options: [], variables: [], fallback: "127.0.0.1" },
    port: { options: [], variables: ["PORT"], fallback: "8000" },
    bind: ["-b", "--bind"],
    files: ["-c", "--config"],
    tls: ["--certfile", "--keyfile"],
  },
  // Before its workers have loaded anything. Where the port is taken, it tries for five seconds.
  listensEarly: true,
  causes: [
    { cause: "port_in_use", words: /Connection in use: \(|Can't connect to \(/, atAnyLevel: true },
    { cause: "hang", words: /\bWORKER TIMEOUT\b/, atAnyLevel: true },
    {
      cause: "worker_died",
      words:
        /Worker with pid \d+ was terminated due to signal (?!15\b|2\b)|Worker failed to boot|Worker \(pid:\d+\) (?:exited with code [1-9]|was sent SIG(?!TERM|INT|KILL))|HaltServer/,
      strength: "faint",
      atAnyLevel: true,
    },
    {
      cause: "bad_arguments",
      words:
        /Failed to find (?:application|attribute)|Failed to parse '.*' as an attribute|gunicorn: error:|^Error: (?:'[^']*' doesn't exist|class uri|invalid)/i,
    },
  ],
  shmNames: PYTHON_SHM_NAMES,
  tmpSockets: [],
};
