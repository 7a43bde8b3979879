/**
 * NVIDIA Triton Inference Server.
 *
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/README.md
 * @see https://github.com/triton-inference-server/server/blob/main/docs/user_guide/metrics.md
 * @module
 */
import { type EngineProfile, NCCL_SHM_NAMES } from "./profile.ts";

/** `tritonserver`. */
export const TRITON: EngineProfile = {
  name: "triton",
  title: "Triton",
  commands: [{ program: "tritonserver" }, { script: "launch_triton_server.py" }],
  listening: {
    host: { options: ["--http-address"], variables: [], fallback: "0.0.0.0" },
    port: { options: ["--http-port", "--http_port"], variables: [], fallback: "8000" },
  },
  // It serves HTTP only once it has loaded its models; /v2/health/ready fails indefinitely where one of them
  // could not be loaded, or was unloaded, while the others serve.
  healthPath: "/v2/health/live",
  metrics: {
    path: "/metrics",
    port: { options: ["--metrics-port", "--metrics_port"], variables: [], fallback: "8002" },
    running: ["nv_inference_pending_request_count"],
    progress: ["nv_inference_exec_count", "nv_inference_count", "nv_inference_request_success"],
    groupBy: "model",
  },
  causes: [
    {
      cause: "port_in_use",
      words:
        /failed to start (?:GRPC|HTTP|Metrics) service: Unavailable - Socket|No address added out of total/i,
    },
    {
      cause: "bad_model",
      words:
        /error: creating server: Internal - failed to load all models|failed to load all models/,
      strength: "faint",
    },
    {
      cause: "bad_model",
      words:
        /failed to load '[^']*' version \d+: (?:Invalid argument|Not found|Unsupported)|Poll failed for model directory|error: creating server: Internal - failed to poll|failed to stat file|unable to find .{0,60}model configuration/i,
      strength: "likely",
    },
    {
      cause: "worker_died",
      words:
        /Stub process\b.{0,60}(?:not healthy|unexpectedly|exited|died)|triton_python_backend_stub.{0,40}(?:died|exit)/i,
      strength: "faint",
      atAnyLevel: true,
    },
    {
      cause: "hang",
      words: /Exit timeout expired|Timed out (?:occurred )?while waiting for the stub process/i,
      strength: "likely",
    },
  ],
  shmNames: [/^triton_python_backend_shm_region_/, ...NCCL_SHM_NAMES],
  tmpSockets: [],
};
