/**
 * vLLM.
 *
 * @see https://docs.vllm.ai/en/latest/cli/serve/
 * @see https://docs.vllm.ai/en/latest/usage/metrics/
 * @module
 */
import { type EngineProfile, NCCL_SHM_NAMES, OPENAI_CANARY, PYTHON_SHM_NAMES } from "./profile.ts";

/** vLLM's OpenAI-compatible server. */
export const VLLM: EngineProfile = {
  name: "vllm",
  title: "vLLM",
  commands: [
    { program: "vllm", subcommands: ["serve"] },
    { module: "vllm.entrypoints.cli.main", subcommands: ["serve"] },
    { module: "vllm.entrypoints.openai.api_server" },
    { module: "vllm.entrypoints.api_server" },
    { script: "vllm/entrypoints/openai/api_server.py" },
    { module: "vllm_omni.entrypoints.cli.main", subcommands: ["serve"] },
  ],
  listening: {
    // VLLM_HOST_IP and VLLM_PORT are its workers' own, not the server's.
    host: { options: ["--host"], variables: [], fallback: "0.0.0.0" },
    port: { options: ["--port"], variables: [], fallback: "8000" },
    socket: ["--uds", "--fd"],
    files: ["--config"],
    tls: ["--ssl-certfile", "--ssl-keyfile"],
  },
  // Answers only after the model is loaded.
  healthPath: "/health",
  metrics: {
    path: "/metrics",
    running: ["vllm:num_requests_running", "vllm:num_requests_waiting"],
    progress: [
      "vllm:generation_tokens_total",
      "vllm:prompt_tokens_total",
      "vllm:iteration_tokens_total_count",
      // In a prefill that takes several steps the cache fills before a token is counted.
      "vllm:kv_cache_usage_perc",
      "vllm:gpu_cache_usage_perc",
    ],
    groupBy: "engine",
  },
  canary: OPENAI_CANARY,
  apiKey: { options: ["--api-key"], variables: ["VLLM_API_KEY"], fallback: undefined },
  causes: [
    {
      cause: "gpu_out_of_memory",
      words:
        /No available memory for the cache blocks|(?:larger|more) than the (?:available KV cache memory|maximum number of tokens that can be stored in KV cache)|Free memory on device .{0,80}is less than desired GPU memory utilization|Error in memory profiling|Available KV cache memory: -|(?:increas|decreas|reduc|lower|rais)\w* [`'"]?(?:--)?(?:gpu[_-]memory[_-]utilization|max[_-]model[_-]len|max[_-]num[_-]seqs)|out of memory when (?:warming up|allocating)|occurred when warming up sampler/i,
      unless: /preempt|Custom allreduce/i,
    },
    {
      cause: "host_out_of_memory",
      words:
        /Too large swap space|cpu_offload_gb.{0,60}(?:exceed|larger|not enough)|Insufficient CPU memory/i,
    },
    {
      cause: "bad_arguments",
      words:
        /User-specified max_model_len|max_num_batched_tokens \(\d+\) (?:is smaller|must be)|Tensor parallel size .{0,60}(?:larger|greater|exceed)|Total number of attention heads|--enable-auto-tool-choice requires|invalid tool call parser|chat template .{0,80}(?:looks like a file path|failed)|Cannot use FlashAttention|not supported by the V[01] Engine|is not supported on (?:this|the current) (?:GPU|platform)|VLLM_USE_V1=\d is not supported/i,
    },
    {
      cause: "hang",
      words: /No available (?:shared memory broadcast )?block found in \d+ seconds?/,
      strength: "likely",
      atAnyLevel: true,
    },
    {
      cause: "hang",
      words:
        /RPC call to \w+ timed out|Engine iteration timed out|Timed out waiting for (?:engine core|EngineCore)|(?:execute_model|sample_tokens|collective_rpc) timed out|did not (?:respond|become ready|start) (?:with)?in \d+/i,
    },
    {
      cause: "worker_died",
      words:
        /Worker ?[Pp]roc(?:ess)? \S+ died|VllmWorker\S* .{0,20}died|Engine core proc\S* \S+ died|EngineCore\S* died|DPCoordinator .{0,40}died|Processes? .{0,40}\(pid \d+\) died/,
      strength: "faint",
      atAnyLevel: true,
    },
    {
      cause: "collective_failure",
      words: /custom_all_?reduce\.cuh?:\d+|Failed: (?:Cuda|NCCL|Custom) error .*all_?reduce/i,
      strength: "likely",
    },
  ],
  shmNames: [...PYTHON_SHM_NAMES, ...NCCL_SHM_NAMES, /^vllm_/],
  // Of its inter-process messages, by bare UUIDs.
  tmpSockets: [/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, /^vllm[-_]/],
  // PyTorch's file store of its ranks: each opens it for a moment at a time.
  tmpFiles: [{ name: /^vllm_dist_[0-9a-f]{32}$/, users: /vllm/i }],
};
