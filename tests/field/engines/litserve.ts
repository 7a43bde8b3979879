/** A LitServe server with two workers, and as many processes that speak HTTP. */
import type { TreeProcess } from "../../support/namespace.ts";
import { APPS, type FieldEngine, type Place, SLOW_SECS } from "../engine.ts";

function serve({ bin, port }: Place, script = "litserve_server.py"): string[] {
  return [`${bin}/python`, `${APPS}/${script}`, "--port", `${port}`];
}

/** Its manager and its HTTP servers are forks; workers are spawned again. */
function nameRole({ command }: TreeProcess): string {
  if (command.includes("resource_tracker")) return "resource tracker";
  return command.includes("spawn_main") ? "worker" : "manager or HTTP server";
}

/** LitServe. */
export const LITSERVE: FieldEngine = {
  title: "LitServe, 2 workers",
  packages: ["litserve==0.2.19"],
  profile: "litserve",
  command: (place) => serve(place),
  env: () => ({ PROCESS_ENGINE: "litserve" }),
  question: { path: "/predict", json: { secs: 0 } },
  slow: { path: "/predict", json: { secs: SLOW_SECS } },
  nameRole,
  faults: [
    { role: "main", signal: "SIGKILL", by: "us" },
    // It shuts down, in half a minute at most, and indefinitely where a request waits for the dead one.
    { role: "worker", signal: "SIGKILL", by: ["us", "nobody"] },
    { role: "worker", signal: "SIGKILL", isProbed: true, by: "us" },
    { role: "main", signal: "SIGSTOP", isProbed: true, by: "nobody", serves: true },
    { role: "worker", signal: "SIGSTOP", isProbed: true, by: "nobody", serves: true },
  ],
  badStarts: [
    {
      title: "a module that does not exist",
      command: (place) => serve(place, "missing.py"),
      ...{ code: 1, starts: 1, cause: "bad_arguments" },
    },
    { title: "a port in use", isPortHeld: true, code: 1, starts: 1, cause: "port_in_use" },
  ],
  drains: [
    { title: "SIGTERM", isAnswered: false },
    {
      title: "SUPERVISOR_PROGRAM_STOPSIGNAL=INT",
      env: { SUPERVISOR_PROGRAM_STOPSIGNAL: "INT" },
      isAnswered: true,
    },
  ],
  // Empty directories of Python's multiprocessing.
  leaves: /^pymp-/,
};
