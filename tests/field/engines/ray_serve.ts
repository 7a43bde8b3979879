/** Ray Serve with two replicas, and all that a Ray node consists of. */
import type { TreeProcess } from "../../support/namespace.ts";
import { APPS, type FieldEngine, type Place, SLOW_SECS } from "../engine.ts";

function serve({ bin }: Place, app: string, ...args: string[]): string[] {
  return [`${bin}/serve`, "run", "--app-dir", APPS, ...args, app];
}

const ROLES: readonly (readonly [RegExp, string])[] = [
  [/gcs_server/, "gcs_server"],
  [/raylet\/raylet/, "raylet"],
  [/ray::ServeController/, "controller"],
  [/ray::ProxyActor/, "proxy"],
  [/ray::ServeReplica|default_worker\.py/, "replica"],
  [/dashboard\/dashboard\.py/, "dashboard"],
];

/** The title of a replica comes and goes with its requests. */
function nameRole({ command }: TreeProcess): string | undefined {
  return ROLES.find(([words]) => words.test(command))?.[1];
}

/** Ray Serve. */
export const RAY_SERVE: FieldEngine = {
  title: "Ray Serve, 2 replicas",
  packages: ["ray[serve]==2.60.0"],
  isLong: true,
  atOnce: 1,
  profile: "ray_serve",
  command: (place) => serve(place, "ray_app:app"),
  env: ({ directory }) => ({ RAY_TMPDIR: directory, RAY_USAGE_STATS_ENABLED: "0" }),
  port: 8000,
  question: { path: "/" },
  slow: { path: `/?secs=${SLOW_SECS}` },
  nameRole,
  faults: [
    { role: "main", signal: "SIGKILL", by: "us" },
    { role: "gcs_server", signal: "SIGKILL", by: "us" },
    { role: "raylet", signal: "SIGKILL", by: "nobody", serves: false },
    { role: "raylet", signal: "SIGKILL", isProbed: true, by: "nobody", serves: false },
    { role: "raylet", signal: "SIGKILL", isProbed: true, healthPath: "/", by: "us" },
    { role: "controller", signal: "SIGKILL", by: "engine" },
    { role: "proxy", signal: "SIGKILL", by: "engine" },
    { role: "replica", signal: "SIGKILL", by: "engine" },
    { role: "main", signal: "SIGSTOP", isProbed: true, by: "nobody", serves: true },
    { role: "proxy", signal: "SIGSTOP", isProbed: true, by: "us" },
    { role: "replica", signal: "SIGSTOP", isProbed: true, by: "engine" },
  ],
  badStarts: [
    {
      title: "a module that does not exist",
      command: (place) => serve(place, "missing:app"),
      ...{ code: 1, starts: 4, cause: "missing_dependency" },
    },
    {
      title: "a bad argument",
      command: (place) => serve(place, "ray_app:app", "--no-such-option"),
      ...{ code: 1, starts: 1, cause: "bad_arguments" },
    },
    { title: "a port in use", isPortHeld: true, code: 1, starts: 1, cause: "port_in_use" },
  ],
  drains: [{ title: "SIGTERM", isAnswered: false }], // Nor at SIGINT.
  leaves: /^pymp-/,
};
