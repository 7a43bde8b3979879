/**
 * TensorRT-LLM's own server.
 *
 * @see https://nvidia.github.io/TensorRT-LLM/commands/trtllm-serve.html
 * @module
 */
import { type EngineProfile, NCCL_SHM_NAMES, OPENAI_CANARY, PYTHON_SHM_NAMES } from "./profile.ts";

/** `trtllm-serve`. */
export const TENSORRT_LLM: EngineProfile = {
  name: "tensorrt_llm",
  title: "TensorRT-LLM",
  commands: [
    { program: "trtllm-serve" },
    { module: "tensorrt_llm.commands.serve" },
  ],
  listening: {
    host: { options: ["--host"], variables: [], fallback: "localhost" },
    port: { options: ["--port"], variables: [], fallback: "8000" },
  },
  healthPath: "/health",
  // It has only counters and histograms of finished requests: nothing tells that one runs.
  metrics: {
    path: "/prometheus/metrics",
    running: [],
    progress: ["trtllm_request_success_total"],
  },
  canary: OPENAI_CANARY,
  causes: [
    {
      cause: "gpu_out_of_memory",
      words:
        /Requested amount of GPU memory|(?:CUDA|Cuda) runtime error in .{0,60}out of memory|OutOfMemory \(no details\)|free_gpu_memory_fraction.{0,60}(?:reduce|decrease|lower|too)|Executor creation failed due to insufficient GPU memory|(?:insufficient|not enough) (?:GPU )?memory (?:to|for)/i,
    },
    {
      cause: "bad_model",
      words:
        /engine(?: file)? .{0,60}(?:does not exist|not found|version)|Unknown (?:arch|architecture)|expected library version .* got|rank\d+\.engine|Failed to (?:deserialize|load) (?:cuda )?engine|Assertion failed: .*(?:engine|config|world ?size|checkpoint)/i,
    },
    { cause: "hang", words: /Hang detected on rank|hang detector/i },
    {
      cause: "collective_failure",
      words: /MpiSession.{0,40}(?:fail|abort)|MPI_ABORT was invoked|mpi4py\.MPI\.Exception/,
      strength: "faint",
    },
    {
      cause: "segfault_abort",
      words: /\[TensorRT-LLM\]\[ERROR\].*Assertion failed|TllmException|tensorrt_llm::common::\w+/,
      strength: "faint",
    },
  ],
  shmNames: [...PYTHON_SHM_NAMES, ...NCCL_SHM_NAMES, /^vader_segment\./],
  tmpSockets: [],
};
