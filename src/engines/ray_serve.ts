/**
 * Ray Serve.
 *
 * @see https://docs.ray.io/en/latest/serve/api/index.html#command-line-interface-cli
 * @module
 */
import { type EngineProfile, NCCL_SHM_NAMES, PYTHON_SHM_NAMES } from "./profile.ts";

/** `serve run` and `serve start`. */
export const RAY_SERVE: EngineProfile = {
  name: "ray_serve",
  title: "Ray Serve",
  commands: [
    { program: "serve", subcommands: ["run"] },
    { program: "serve", subcommands: ["start"] },
    { module: "ray.serve.scripts", subcommands: ["run"] },
  ],
  listening: {
    host: {
      options: ["--http-host", "--host"],
      variables: ["RAY_SERVE_DEFAULT_HTTP_HOST"],
      fallback: "127.0.0.1",
    },
    port: {
      options: ["--http-port", "--port", "-p"],
      variables: [],
      fallback: "8000",
    },
    // `serve run config.yaml`: its http_options may have another port.
    fileNames: /\.ya?ml$/,
  },
  healthPath: "/-/healthz",
  causes: [
    {
      cause: "host_out_of_memory",
      words:
        /workers? \(tasks \/ actors\) killed due to memory pressure|killed due to the node running low on memory/i,
      atAnyLevel: true,
    },
    {
      cause: "worker_died",
      words:
        /The (?:actor|worker) died unexpectedly|The actor is dead because|Replica .{0,80}(?:died|failed|was unexpectedly)|owner has died|A worker died or was killed|node .{0,60}has been marked dead|raylet process .{0,30}(?:died|terminated)/i,
      strength: "faint",
      atAnyLevel: true,
    },
    {
      cause: "hang",
      words:
        /Didn't receive health check response|Health check for Replica\S* .{0,60}timed out|Replica .{0,60}failed (?:the )?health check/i,
      atAnyLevel: true,
    },
    {
      cause: "gpu_lost",
      words:
        /No available node types can fulfill resource request.{0,40}GPU|(?:Insufficient|no) (?:cluster )?(?:resources|GPUs).{0,40}GPU/i,
      strength: "likely",
    },
    { cause: "disk_full", words: /OutOfDiskError|Local disk is full/ },
  ],
  shmNames: [...PYTHON_SHM_NAMES, ...NCCL_SHM_NAMES, /^plasma/],
  tmpSockets: [],
};
