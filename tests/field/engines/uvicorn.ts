/** uvicorn, alone and with two workers. */
import { APPS, type FieldEngine, type Place, SLOW_SECS } from "../engine.ts";

function serve({ bin, port }: Place, app: string, ...args: string[]): string[] {
  return [`${bin}/uvicorn`, "--app-dir", APPS, "--port", `${port}`, ...args, app];
}

const PACKAGES = ["uvicorn==0.54.0"];

const TRACKER = /resource_tracker/;

/** uvicorn in one process. */
export const UVICORN: FieldEngine = {
  title: "uvicorn",
  packages: PACKAGES,
  profile: "uvicorn",
  command: (place) => serve(place, "asgi_app:app"),
  question: { path: "/" },
  slow: { path: `/slow?${SLOW_SECS}` },
  healthPath: "/",
  nameRole: () => undefined,
  faults: [
    { role: "main", signal: "SIGKILL", by: "us" },
    { role: "main", signal: "SIGSTOP", isProbed: true, by: "us" },
  ],
  badStarts: [
    {
      title: "a module that does not exist",
      command: (place) => serve(place, "missing:app"),
      ...{ code: 1, starts: 1, cause: "bad_arguments" },
    },
    {
      title: "a bad argument",
      command: (place) => serve(place, "asgi_app:app", "--no-such-option"),
      ...{ code: 1, starts: 1, cause: "bad_arguments" },
    },
    { title: "a port in use", isPortHeld: true, code: 1, starts: 1, cause: "port_in_use" },
  ],
  drains: [{ title: "SIGTERM", isAnswered: true }],
};

/** uvicorn with workers. */
export const UVICORN_WORKERS: FieldEngine = {
  ...UVICORN,
  title: "uvicorn, 2 workers",
  command: (place) => serve(place, "asgi_app:app", "--workers", "2"),
  nameRole: ({ command }) => TRACKER.test(command) ? "resource tracker" : "worker",
  faults: [
    { role: "main", signal: "SIGKILL", by: "us" },
    { role: "worker", signal: "SIGKILL", by: "engine" },
    { role: "main", signal: "SIGSTOP", isProbed: true, by: "nobody", serves: true },
    { role: "worker", signal: "SIGSTOP", isProbed: true, by: "engine" },
  ],
  badStarts: [
    {
      title: "a module that does not exist",
      command: (place) => serve(place, "missing:app", "--workers", "2"),
      ...{ code: 1, starts: 1, cause: "bad_arguments" },
    },
    { title: "a port in use", isPortHeld: true, code: 1, starts: 1, cause: "port_in_use" },
  ],
};
