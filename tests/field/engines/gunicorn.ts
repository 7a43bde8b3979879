/** gunicorn, with two of uvicorn's workers. */
import { APPS, type FieldEngine, type Place, SLOW_SECS } from "../engine.ts";

function serve({ bin, port }: Place, app: string, ...args: string[]): string[] {
  const worker = ["-k", "uvicorn_worker.UvicornWorker", "-w", "2"];
  const bind = ["-b", `127.0.0.1:${port}`];
  return [`${bin}/gunicorn`, "--chdir", APPS, ...worker, ...bind, ...args, app];
}

/** gunicorn. */
export const GUNICORN: FieldEngine = {
  title: "gunicorn, uvicorn's workers",
  packages: ["gunicorn==27.0.1", "uvicorn==0.54.0", "uvicorn-worker==0.4.0"],
  profile: "gunicorn",
  command: (place) => serve(place, "asgi_app:app", "--timeout", "5"),
  question: { path: "/" },
  slow: { path: `/slow?${SLOW_SECS}` },
  healthPath: "/",
  nameRole: ({ parentPid }, main) => parentPid === main.pid ? "worker" : undefined,
  faults: [
    { role: "main", signal: "SIGKILL", by: "us" },
    { role: "worker", signal: "SIGKILL", by: "engine" },
    { role: "main", signal: "SIGSTOP", isProbed: true, by: "nobody", serves: true },
    { role: "worker", signal: "SIGSTOP", isProbed: true, by: "engine" },
  ],
  badStarts: [
    {
      title: "a module that does not exist",
      command: (place) => serve(place, "missing:app"),
      ...{ code: 1, starts: 4, mostStarts: 7, cause: "missing_dependency" },
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
