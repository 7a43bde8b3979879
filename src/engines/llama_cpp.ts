/**
 * llama.cpp's server, and the one of its Python binding.
 *
 * @see https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
 * @module
 */
import type { CauseRule } from "./cause.ts";
import { type EngineProfile, OPENAI_CANARY, PYTHON_SHM_NAMES } from "./profile.ts";

const CAUSES: readonly CauseRule[] = [
  {
    cause: "gpu_out_of_memory",
    words:
      /ggml_\w*(?:cuda|vulkan|metal|sycl|hip|cann)\w*.*(?:out of memory|failed to allocate)|unable to allocate (?:CUDA|ROCm|Vulkan|SYCL|Metal|CANN)\w* buffer|failed to allocate (?:CUDA|ROCm|Vulkan|SYCL|CANN)\w* buffer|(?:kIOGPUCommandBufferCallbackErrorOutOfMemory|vk::OutOfDeviceMemoryError|vk::Device::allocateMemory)/i,
    unless: /pinned|cuda_host/i,
  },
  {
    cause: "host_out_of_memory",
    words:
      /ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate|ggml_aligned_malloc|posix_memalign failed|model requires more system memory|unable to allocate CPU\w* buffer/i,
  },
  {
    cause: "bad_arguments",
    words:
      /error while handling argument|error: (?:invalid|unknown) argument:|error: .{0,60}to show usage|the supplied chat template is not supported/i,
  },
  {
    cause: "bad_model",
    words:
      /llama_model_load\w*: error|llama_(?:model_)?load\w*: failed to load model|common_init_from_params: failed to load model|error: unable to load model|srv +load_model: failed to load model|main: exiting due to model loading error/i,
    strength: "likely",
  },
  { cause: "port_in_use", words: /couldn't bind (?:to )?(?:HTTP )?server socket/i },
  {
    cause: "gpu_fault",
    words: /ggml_cuda_compute_forward: .* failed|CUDA error: .*|ggml_\w+_error|vk::DeviceLostError/,
    strength: "likely",
    unless: /out of memory/i,
  },
];

/** `llama-server`. */
export const LLAMA_CPP: EngineProfile = {
  name: "llama_cpp",
  title: "llama.cpp",
  commands: [{ program: "llama-server" }, { program: "llama", subcommands: ["serve"] }],
  listening: {
    host: { options: ["--host"], variables: ["LLAMA_ARG_HOST"], fallback: "127.0.0.1" },
    port: { options: ["--port"], variables: ["LLAMA_ARG_PORT"], fallback: "8080" },
    tls: ["--ssl-cert-file", "--ssl-key-file"],
  },
  // 503 while the model loads.
  healthPath: "/health",
  metrics: {
    path: "/metrics",
    option: "--metrics",
    running: ["llamacpp:requests_processing", "llamacpp:requests_deferred"],
    // Tokens are counted at a request's end, calls of llama_decode() as they are made.
    progress: [
      "llamacpp:n_decode_total",
      "llamacpp:tokens_predicted_total",
      "llamacpp:prompt_tokens_total",
    ],
    answeredByWorker: true,
  },
  canary: OPENAI_CANARY,
  apiKey: { options: ["--api-key"], variables: ["LLAMA_API_KEY"], fallback: undefined },
  causes: CAUSES,
  shmNames: [],
  tmpSockets: [],
};

/** `python -m llama_cpp.server`. */
export const LLAMA_CPP_PYTHON: EngineProfile = {
  name: "llama_cpp_python",
  title: "llama-cpp-python",
  commands: [{ module: "llama_cpp.server" }],
  listening: {
    host: { options: ["--host"], variables: ["HOST"], fallback: "localhost" },
    port: { options: ["--port"], variables: ["PORT"], fallback: "8000" },
    files: ["--config_file", "--config-file"],
    tls: ["--ssl_certfile", "--ssl-certfile"],
  },
  // It has no path for health alone.
  healthPath: "/v1/models",
  canary: OPENAI_CANARY,
  apiKey: { options: ["--api_key", "--api-key"], variables: ["API_KEY"], fallback: undefined },
  causes: [],
  shmNames: PYTHON_SHM_NAMES,
  tmpSockets: [],
};
