/**
 * Hugging Face's Text Generation Inference.
 *
 * @see https://huggingface.co/docs/text-generation-inference/reference/launcher
 * @see https://huggingface.co/docs/text-generation-inference/reference/metrics
 * @module
 */
import { type EngineProfile, NCCL_SHM_NAMES, PYTHON_SHM_NAMES } from "./profile.ts";

/** `text-generation-launcher`. */
export const TGI: EngineProfile = {
  name: "tgi",
  title: "TGI",
  commands: [{ program: "text-generation-launcher" }, { program: "text-generation-router" }],
  listening: {
    host: { options: ["--hostname"], variables: ["HOSTNAME"], fallback: "0.0.0.0" },
    port: { options: ["--port", "-p"], variables: ["PORT"], fallback: "3000" },
  },
  healthPath: "/health",
  metrics: {
    path: "/metrics",
    running: ["tgi_batch_current_size", "tgi_queue_size"],
    // tgi_request_count moves as requests come, whether anything works on them or not.
    progress: ["tgi_batch_inference_count", "tgi_batch_inference_success", "tgi_request_success"],
  },
  canary: { path: "/generate", json: { inputs: "1", parameters: { max_new_tokens: 1 } } },
  apiKey: { options: ["--api-key"], variables: ["API_KEY"], fallback: undefined },
  causes: [
    {
      cause: "gpu_out_of_memory",
      words:
        /Not enough memory to handle \d+ (?:prefill|total) tokens|need to decrease `--max-batch-prefill-tokens`/,
    },
    {
      cause: "bad_arguments",
      words:
        /\bArgumentValidation\(|`max_(?!new_tokens)\w+` (?:must|should) be|`sharded` .{0,60}(?:but|cannot)/,
    },
    {
      cause: "bad_model",
      words: /DownloadError|Unsupported model type|No \S*safetensors weights found/,
      strength: "likely",
    },
    {
      cause: "worker_died",
      words:
        /Shard \d+ (?:failed to start|crashed)|Shard process was signaled to shutdown with signal 9|Shard complete standard error output/,
      strength: "last",
      atAnyLevel: true,
    },
  ],
  shmNames: [...PYTHON_SHM_NAMES, ...NCCL_SHM_NAMES],
  tmpSockets: [/^text-generation-server-\d+$/],
};
