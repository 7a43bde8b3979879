import { explainDeath } from "../src/diagnosis/explain_death.ts";
import { readLogLines } from "../src/diagnosis/log_lines.ts";
import { TAIL_BYTES, TailBuffer } from "../src/output/output_tail.ts";

/** What an engine writes while it works: none of it tells a cause. */
const CALM = [
  "INFO 11-28 10:00:00 [loggers.py:118] Engine 000: Avg prompt throughput: 120.5 tokens/s",
  'INFO:     10.0.0.7:41234 - "POST /v1/chat/completions HTTP/1.1" 200 OK',
  "(EngineCore_DP0 pid=123) INFO 11-28 10:00:00 [core.py:708] KV cache usage: 12.5 %",
];

/** Lines that look like trouble and are read with every rule. */
const TROUBLED = [
  "WARNING 11-28 10:00:00 [scheduler.py:99] cannot schedule: too few blocks, retrying",
  '  File "/opt/vllm/v1/engine/core.py", line 708, in run_engine_core',
  "ERROR 11-28 10:00:00 [serving_chat.py:200] Error in preprocessing prompt inputs: 17 is too long",
];

const LAST = [
  "Traceback (most recent call last):",
  "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 232.00 MiB.",
  "RuntimeError: Engine core initialization failed. See root cause above.",
];

/** Both streams' tails: 128 KiB, each line another one. */
function fill(lines: readonly string[]): string[] {
  const filled: string[] = [];
  for (let bytes = 0, at = 0; bytes < 2 * TAIL_BYTES; at++) {
    const line = `${lines[at % lines.length]} ${at}`;
    bytes += line.length + 1;
    filled.push(line);
  }
  return [...filled, ...LAST];
}

const calm = fill(CALM);
const troubled = fill([...CALM, ...TROUBLED]);
const hopeless = fill(TROUBLED);
const exit = { kind: "code", code: 1 } as const;

Deno.bench("explainDeath() of two calm tails", { group: "explain", baseline: true }, () => {
  explainDeath({ lines: calm, exit });
});

Deno.bench("explainDeath() where half the lines may tell", { group: "explain" }, () => {
  explainDeath({ lines: troubled, exit });
});

Deno.bench("explainDeath() where every line may tell", { group: "explain" }, () => {
  explainDeath({ lines: hopeless, exit });
});

Deno.bench("readLogLines() of two tails", () => {
  readLogLines(troubled);
});

const chunk = new TextEncoder().encode(`${troubled.join("\n")}\n`).subarray(0, TAIL_BYTES);
const line = chunk.subarray(0, 100);
const full = new TailBuffer();
full.take("stdout", chunk);
full.take("stderr", chunk);

Deno.bench("TailBuffer.take() of 64 KiB at once", { group: "take", baseline: true }, () => {
  full.take("stdout", chunk);
});

Deno.bench("TailBuffer.take() of 64 KiB in pieces of 100 bytes", { group: "take" }, () => {
  for (let at = 0; at < TAIL_BYTES; at += line.length) full.take("stdout", line);
});

const kept = new TailBuffer();
kept.take("stdout", chunk);
kept.take("stderr", chunk);

Deno.bench("TailBuffer.readLines() of two full tails", () => {
  kept.readLines();
});
