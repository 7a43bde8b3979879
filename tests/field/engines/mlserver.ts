/** MLServer, with an inference pool of two workers. */
import { findFreePort } from "../../support/namespace.ts";
import { APPS, type FieldEngine, type Place, SLOW_SECS } from "../engine.ts";

function ask(secs: number) {
  const input = { name: "secs", shape: [1], datatype: "FP32", data: [secs] };
  return { path: "/v2/models/echo/infer", json: { inputs: [input] } };
}

const serve = ({ bin }: Place, ...args: string[]) => [`${bin}/mlserver`, "start", ...args];

/** MLServer. */
export const MLSERVER: FieldEngine = {
  title: "MLServer, 2 inference workers",
  // Of uvloop 0.22 and later its workers die: "There is no current event loop in thread 'MainThread'".
  packages: ["mlserver==1.7.1", "uvloop==0.21.0"],
  isLong: true,
  atOnce: 2,
  profile: "mlserver",
  prepare: ({ directory }) => {
    const model = JSON.stringify({ name: "bad", implementation: "missing.Model" });
    Deno.mkdirSync(`${directory}/bad/bad`, { recursive: true });
    Deno.writeTextFileSync(`${directory}/bad/bad/model-settings.json`, model);
  },
  command: (place) => serve(place, `${APPS}/mlserver`),
  env: ({ directory, port }) => ({
    MLSERVER_PARALLEL_WORKERS: "2",
    MLSERVER_METRICS_DIR: `${directory}/metrics`,
    MLSERVER_HTTP_PORT: `${port}`,
    MLSERVER_GRPC_PORT: `${findFreePort()}`,
    MLSERVER_METRICS_PORT: `${findFreePort()}`,
  }),
  question: ask(0),
  slow: ask(SLOW_SECS),
  nameRole: ({ command }) => command.includes("resource_tracker") ? "resource tracker" : "worker",
  faults: [
    { role: "main", signal: "SIGKILL", by: "us" },
    { role: "worker", signal: "SIGKILL", by: "engine" },
    { role: "main", signal: "SIGSTOP", isProbed: true, by: "us" },
    { role: "worker", signal: "SIGSTOP", isProbed: true, by: "nobody", serves: true },
  ],
  badStarts: [
    {
      title: "a module that does not exist",
      command: (place) => serve(place, `${place.directory}/bad`),
      ...{ code: 1, starts: 4, cause: "missing_dependency" },
    },
    {
      title: "a bad argument",
      command: (place) => serve(place, `${APPS}/mlserver`, "--no-such-option"),
      ...{ code: 1, starts: 1, cause: "bad_arguments" },
    },
    { title: "a port in use", isPortHeld: true, code: 1, starts: 1, cause: "port_in_use" },
  ],
  drains: [
    { title: "SIGTERM", isAnswered: false },
    {
      title: "MLSERVER_PARALLEL_WORKERS=0",
      env: { MLSERVER_PARALLEL_WORKERS: "0" },
      isAnswered: true,
    },
  ],
};
