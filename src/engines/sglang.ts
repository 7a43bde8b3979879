/**
 * SGLang.
 *
 * @see https://docs.sglang.io/references/production_metrics.html
 * @module
 */
import { type EngineProfile, NCCL_SHM_NAMES, OPENAI_CANARY, PYTHON_SHM_NAMES } from "./profile.ts";

/** SGLang's server. */
export const SGLANG: EngineProfile = {
  name: "sglang",
  title: "SGLang",
  commands: [
    { module: "sglang.launch_server" },
    { program: "sglang", subcommands: ["serve"] },
    { module: "sglang.cli.main", subcommands: ["serve"] },
    { script: "sglang/launch_server.py" },
  ],
  listening: {
    host: { options: ["--host"], variables: [], fallback: "127.0.0.1" },
    port: { options: ["--port"], variables: [], fallback: "30000" },
    files: ["--config"],
    tls: ["--ssl-certfile", "--ssl-keyfile"],
  },
  // Turns 200 only after its warm-up request; /health_generate makes a token at each call.
  healthPath: "/health",
  metrics: {
    path: "/metrics",
    option: "--enable-metrics",
    running: ["sglang:num_running_reqs", "sglang:num_queue_reqs"],
    // Its tokens are counted at a request's end; the others move in the middle of one.
    progress: [
      "sglang:generation_tokens_total",
      "sglang:prompt_tokens_total",
      "sglang:inter_token_latency_seconds_count",
      "sglang:time_to_first_token_seconds_count",
      "sglang:num_used_tokens",
      "sglang:gen_throughput",
    ],
  },
  canary: OPENAI_CANARY,
  apiKey: { options: ["--api-key"], variables: [], fallback: undefined },
  causes: [
    {
      cause: "gpu_out_of_memory",
      words:
        /Not enough memory\. Please try|\b(?:Prefill|Decode) out of memory|(?:increas|decreas|reduc)\w* (?:the )?[`'"]?--(?:mem-fraction-static|cuda-graph-max-bs|chunked-prefill-size|max-running-requests)|Capture cuda graph failed.{0,40}(?:memory|OOM)|KV cache pool.{0,40}(?:too small|not enough)|memory capacity is unbalanced|max_total_(?:num_)?tokens? .{0,40}(?:is|<=) ?(?:0|-\d)/i,
    },
    {
      cause: "hang",
      words: /Watchdog [Tt]imeout|Health check failed\. Server couldn't get a response/i,
    },
    {
      cause: "worker_died",
      words:
        /Rank \d+ scheduler (?:is dead|died)|(?:scheduler|detokenizer|data parallel controller)\b.{0,40}(?:is dead|died|crashed)|Subprocess \S+ .{0,30}(?:crashed|died)|kill_process_tree called/i,
      strength: "faint",
      atAnyLevel: true,
    },
    {
      cause: "collective_failure",
      words:
        /other ranks that didn't finish loading|KVTransferError|Decode transfer failed|Prefill bootstrap failed|Mooncake.{0,40}(?:fail|error)/i,
      strength: "likely",
    },
  ],
  shmNames: [...PYTHON_SHM_NAMES, ...NCCL_SHM_NAMES, /^sgl_/, /^sglang/],
  // It binds its sockets at the names of Python's temporary files.
  tmpSockets: [/^tmp[a-z0-9_]{8}$/, /^sglang[-_]/],
};
