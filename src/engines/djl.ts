/**
 * DJL Serving, and the LMI containers that are built on it.
 *
 * @see https://docs.djl.ai/master/docs/serving/serving/docs/configuration.html
 * @module
 */
import { type EngineProfile, NCCL_SHM_NAMES, PYTHON_SHM_NAMES } from "./profile.ts";

/** `djl-serving`. */
export const DJL: EngineProfile = {
  name: "djl",
  title: "DJL Serving",
  commands: [
    { program: "djl-serving" },
    { program: "djl-serving.sh" },
    { program: "dockerd-entrypoint.sh", subcommands: ["serve"] },
    { program: "dockerd-entrypoint-with-cuda-compat.sh", subcommands: ["serve"] },
    { program: "partition-with-cuda-compat.sh" },
  ],
  listening: {
    // Else inference_address of config.properties, by default port 8080.
    host: { options: [], variables: [], fallback: "127.0.0.1" },
    port: { options: [], variables: ["SAGEMAKER_BIND_TO_PORT"], fallback: "8080" },
  },
  healthPath: "/ping",
  causes: [
    {
      cause: "bad_model",
      words:
        /ModelNotFoundException|ModelException|No deep learning engine found|Failed to (?:detect engine|find (?:model|entryPoint))|MalformedModelException/,
    },
    {
      cause: "bad_arguments",
      words:
        /ServingConfig.{0,40}(?:invalid|error)|Failed to parse (?:argument|option|command)|org\.apache\.commons\.cli\.\w+Exception/,
    },
    {
      cause: "worker_died",
      words:
        /Python (?:worker|process) .{0,40}(?:disconnected|crashed|died|exited|terminated)|PyProcess.{0,80}(?:died|crashed|exited|disconnected|restart)|Failed (?:to )?start python process|Backend worker .{0,30}(?:died|error|failed)/i,
      strength: "faint",
      atAnyLevel: true,
    },
    {
      cause: "hang",
      words:
        /Python (?:model|process) .{0,20}tim(?:ed|e) ?out|predict_timeout|model_loading_timeout/i,
      strength: "likely",
    },
  ],
  shmNames: [...PYTHON_SHM_NAMES, ...NCCL_SHM_NAMES],
  tmpSockets: [/^djl_sock\./],
};
