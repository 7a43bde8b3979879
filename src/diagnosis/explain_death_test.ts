import { assert, assertEquals } from "@std/assert";
import type { Cause } from "../policy/cause.ts";
import type { DeathFacts } from "./death_facts.ts";
import { explainDeath } from "./explain_death.ts";
import type { Exit } from "../formats/exit.ts";

const code = (value: number): Exit => ({ kind: "code", code: value });
const signal = (name: string): Exit => ({ kind: "signal", signal: name });

Deno.test("explainDeath() takes the deeper cause of several, and the first line of it", () => {
  const cases: [Cause, string, string][] = [
    [
      "gpu_out_of_memory",
      "torch.OutOfMemoryError: CUDA out of memory.",
      "INFO loading\ntorch.OutOfMemoryError: CUDA out of memory.\nRuntimeError: Engine core initialization failed. See root cause above.",
    ],
    [
      "gpu_out_of_memory",
      "cudaMalloc failed: out of memory",
      "ggml: cudaMalloc failed: out of memory\nllama_model_load: error loading model: unable to load\npanic: unable to load model",
    ],
    [
      "collective_failure",
      "Watchdog caught collective operation timeout",
      "Worker VllmWorkerProcess pid 7 died, exit code: -6\nWatchdog caught collective operation timeout: WorkNCCL",
    ],
    [
      "permission",
      "Call to shm_open failed : Permission denied",
      "NCCL WARN Call to shm_open failed : Permission denied\nNCCL WARN Error while creating shared memory segment nccl-1\nRuntimeError: NCCL error: unhandled system error",
    ],
    [
      "network",
      "Max retries exceeded",
      "MaxRetryError: Max retries exceeded with url: /api\nOSError: m does not appear to have a file named config.json.",
    ],
    [
      "gpu_fault",
      "an illegal memory access",
      "CUDA error: an illegal memory access was encountered\nSegmentation fault (core dumped)",
    ],
    [
      "python_exception",
      "TypeError: bad operand",
      "Traceback (most recent call last):\nTypeError: bad operand\nRank 0 scheduler is dead.",
    ],
    [
      "worker_died",
      "Worker proc VllmWorker-1 died unexpectedly",
      "Worker proc VllmWorker-1 died unexpectedly\nTraceback (most recent call last):\nRuntimeError: cancelled",
    ],
    [
      "port_in_use",
      "Errno 98",
      "INFO:     Application startup complete.\nERROR:    [Errno 98] error while attempting to bind\nINFO:     Application shutdown complete.",
    ],
  ];
  for (const [cause, part, text] of cases) {
    const told = explainDeath({ lines: text.split("\n") });
    assertEquals(told.cause, cause, text);
    assert(told.evidence[0]?.includes(part), `${told.evidence[0]} for ${text}`);
  }
});

Deno.test("explainDeath() reads through colours, prefixes and JSON", () => {
  const oom = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB";
  const type = "TypeError: no such thing";
  const cases: [Cause, string][] = [
    ["gpu_out_of_memory", `\x1b[1;31mERROR\x1b[0m ${oom}`],
    ["gpu_out_of_memory", `(EngineCore_DP0 pid=123) ERROR 11-23 10:00:00 [core.py:708] ${oom}`],
    ["gpu_out_of_memory", JSON.stringify({ level: "error", message: `failed\n${oom}` })],
    ["gpu_out_of_memory", JSON.stringify({ fields: { message: oom }, level: "ERROR" })],
    ["gpu_out_of_memory", JSON.stringify({ log: `${oom}\n`, stream: "stderr" })],
    ["gpu_out_of_memory", `2026-01-01T10:00:00.123456789Z stderr F ${oom}`],
    ["python_exception", `(EngineCore_DP0 pid=123) ERROR 11-23 10:00:00 [core.py:708] ${type}`],
    ["python_exception", `triton-1  | [rank3]: ${type}`],
    ["python_exception", `Jan  1 10:00:00 host vllm[77]: ${type}`],
    ["python_exception", `[1,3]<stderr>:${type}`],
    ["python_exception", `(RayWorkerWrapper pid=7, ip=10.0.0.1) ${type}`],
    ["python_exception", JSON.stringify({ msg: "crashed", exc_info: `Traceback:\n${type}` })],
    ["unknown", JSON.stringify({ level: "warning", message: "TypeError: tried again" })],
    ["unknown", "{broken json"],
    ["unknown", '{"broken": json}'],
    ["python_exception", `0.01.234.567 E ${type}`],
    ["unknown", `0.01.234.567 W ${type}`],
  ];
  for (const [cause, text] of cases) {
    assertEquals(explainDeath({ lines: [text] }).cause, cause, text);
  }
});

Deno.test("explainDeath() takes MLServer for started by nothing that follows a model's failure", () => {
  const lines = [
    "INFO:     Application startup complete.",
    "2026-11-28 19:22:55,524 [mlserver] ERROR - Some of the models failed to load during startup!",
    "Traceback (most recent call last):",
    "ModuleNotFoundError: No module named 'missing'",
    "INFO:     Uvicorn running on http://0.0.0.0:8191 (Press CTRL+C to quit)",
    "INFO:     Application shutdown complete.",
  ];
  const exit = { kind: "code", code: 0 } as const;
  assertEquals(explainDeath({ lines, exit }).cause, "missing_dependency");
});

Deno.test("explainDeath() forgets a failed start of an engine that works afterwards", () => {
  const oom = "ggml_backend_cuda_buffer_type_alloc_buffer: cudaMalloc failed: out of memory";
  const life = "main: server is listening on http://0.0.0.0:8080 - starting the main loop";
  assertEquals(explainDeath({ lines: [oom, life] }).cause, "unknown");
  assertEquals(explainDeath({ lines: [life, oom] }).cause, "gpu_out_of_memory");
  // A fault of the GPU kills whatever went before and after it.
  const fault = "RuntimeError: CUDA error: an illegal memory access was encountered";
  assertEquals(explainDeath({ lines: [fault, life] }).cause, "gpu_fault");
});

Deno.test("explainDeath() takes one answer for no sign of life, which may have been under way", () => {
  const oom = "torch.OutOfMemoryError: CUDA out of memory.";
  const answer = 'INFO:     10.0.0.7:1234 - "POST /v1/completions HTTP/1.1" 200 OK';
  assertEquals(explainDeath({ lines: [oom, answer] }).cause, "gpu_out_of_memory");
  assertEquals(explainDeath({ lines: [oom, answer, answer] }).cause, "unknown");
});

Deno.test("explainDeath() looks above an exception that came while another was handled", () => {
  const lines = [
    ...["Traceback (most recent call last):", '  File "a.py", line 1, in f', "KeyError: 'a'", ""],
    ...["During handling of the above exception, another exception occurred:", ""],
    ...["Traceback (most recent call last):", '  File "a.py", line 2, in f', "ValueError: bad"],
  ];
  assertEquals(explainDeath({ lines }).cause, "python_exception");
  const request = "ERROR:    Exception in ASGI application";
  assertEquals(explainDeath({ lines: [request, ...lines] }).cause, "unknown");
});

Deno.test("explainDeath() takes a stop that was asked for as the cause of what follows it", () => {
  const stop = "(APIServer pid=8) INFO [launcher.py:100] [shutdown] API server: shutdown triggered";
  const dead = "vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue.";
  assertEquals(explainDeath({ lines: [stop, dead], exit: signal("SIGTERM") }).cause, "clean_exit");
  assertEquals(explainDeath({ lines: [stop, dead] }).cause, "clean_exit");
  assertEquals(explainDeath({ lines: [dead, stop] }).cause, "worker_died");
  assertEquals(explainDeath({ lines: [stop], exit: signal("SIGSEGV") }).cause, "segfault_abort");
  const oom = "torch.OutOfMemoryError: CUDA out of memory.";
  const full = explainDeath({ lines: [stop, oom], exit: signal("SIGTERM") });
  assertEquals(full.cause, "gpu_out_of_memory", "which no stop brings about");
  const ray = "*** SIGTERM received at time=1700000000 on cpu 8 ***";
  assertEquals(explainDeath({ lines: [ray, dead] }).cause, "worker_died");
  assertEquals(explainDeath({ lines: [ray, dead], exit: signal("SIGTERM") }).cause, "clean_exit");
});

Deno.test("explainDeath() asks the exit only where no line tells", () => {
  const cases: [Exit | undefined, string, Cause][] = [
    [code(0), "", "clean_exit"],
    [code(0), "Engine core initialization failed. See root cause above.", "worker_died"],
    [code(0), "CUDA out of memory", "gpu_out_of_memory"],
    [code(0), "ERROR: 3 of 4 shards failed", "unknown"],
    [code(1), "", "unknown"],
    [code(2), "", "unknown"],
    [code(134), "", "segfault_abort"],
    [code(139), "", "segfault_abort"],
    [code(137), "", "host_out_of_memory"],
    [code(143), "", "clean_exit"],
    [code(0xc0000005), "", "segfault_abort"],
    [code(0xc0000135), "", "missing_dependency"],
    [signal("SIGKILL"), "", "host_out_of_memory"],
    [signal("SIGKILL"), "Rank 0 scheduler is dead.", "worker_died"],
    [signal("SIGBUS"), "", "segfault_abort"],
    [signal("SIGINT"), "", "clean_exit"],
    [signal("SIGSEGV"), "[Errno 98] address already in use", "port_in_use"],
    [undefined, "", "unknown"],
  ];
  for (const [exit, line, cause] of cases) {
    assertEquals(explainDeath({ lines: [line], exit }).cause, cause, JSON.stringify([exit, line]));
  }
});

Deno.test("explainDeath() lets facts decide where lines are vague, and never against a decisive one", () => {
  const cases: [DeathFacts, string, Exit | undefined, Cause][] = [
    [{ oomKills: 1 }, "", signal("SIGKILL"), "host_out_of_memory"],
    [{ oomKills: 1 }, "Worker proc VllmWorker-1 died unexpectedly", code(1), "host_out_of_memory"],
    [{ oomKills: 1 }, "CUDA out of memory", code(1), "gpu_out_of_memory"],
    [{ oomKills: 1 }, "CUDA out of memory", signal("SIGKILL"), "gpu_out_of_memory"],
    [{ oomKills: 0 }, "", signal("SIGKILL"), "unknown"],
    [{ shmFreeBytes: 0 }, "", signal("SIGBUS"), "shm_exhausted"],
    [{ shmFreeBytes: 4096 }, "NCCL error: unhandled system error", code(1), "shm_exhausted"],
    [{ shmFreeBytes: 1e9 }, "NCCL error: unhandled system error", code(1), "collective_failure"],
    [{ portHolder: "nginx (pid 7)" }, "", code(1), "port_in_use"],
    [{ diskFreeBytes: 0 }, "", code(1), "disk_full"],
    [
      { diskFreeBytes: 0 },
      "ModuleNotFoundError: No module named 'x'",
      code(1),
      "missing_dependency",
    ],
    [{}, "", code(1), "unknown"],
  ];
  for (const [facts, line, exit, cause] of cases) {
    const told = explainDeath({ lines: [line], exit, facts });
    assertEquals(told.cause, cause, JSON.stringify([facts, line]));
  }
  const { evidence } = explainDeath({ lines: [], exit: code(1), facts: { portHolder: "nginx" } });
  assertEquals(evidence, ["its port is held by nginx"]);
});

Deno.test("explainDeath() bounds its evidence, and survives lines of a megabyte and garbage", () => {
  const long = `CUDA out of memory ${"x".repeat(1_000_000)}`;
  const told = explainDeath({ lines: Array.from({ length: 50 }, (_, at) => `${at} ${long}`) });
  assertEquals(told.cause, "gpu_out_of_memory");
  assertEquals(told.evidence.length, 3);
  assert(told.evidence.every((line) => line.length <= 500));
  const garbage = Array.from(
    { length: 200 },
    (_, row) =>
      String.fromCharCode(
        ...Array.from({ length: 300 }, (_, at) => (row * 31 + at * 7919) % 65_536),
      ),
  );
  assertEquals(explainDeath({ lines: garbage }).cause, "unknown");
});
