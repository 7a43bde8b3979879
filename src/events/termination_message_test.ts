import { assert, assertEquals } from "@std/assert";
import type { RunRecord } from "./run_record.ts";
import { MAX_BYTES, renderTerminationMessage } from "./termination_message.ts";

const count = (text: string) => new TextEncoder().encode(text).length;

function run(number: number): RunRecord {
  return {
    name: "llm_engine:llm_engine",
    run: number,
    pid: 7,
    spawnedAt: new Date(0),
    ...(number % 2 === 0 ? { startedAt: new Date(5_000) } : {}),
    diedAt: new Date(20_000),
    exit: { kind: "code", code: 7 },
    death: { cause: "gpu_lost", meaning: "no usable GPU", evidence: [], advice: "Look at it." },
    next: { kind: "retry", count: number, limit: 3, delayMs: 0 },
  };
}

Deno.test("renderTerminationMessage() tells the cause, then each attempt, then the last lines", () => {
  const text = renderTerminationMessage({
    reason: "engine ended with exit code 7; exit code 7",
    runs: [run(1), run(2)],
    lines: ["one", "Error: token=hunter2"],
  });
  assertEquals(text.split("\n"), [
    "engine ended with exit code 7; exit code 7; cause: gpu_lost, no usable GPU. Look at it.",
    "run 1 of llm_engine:llm_engine: exit code 7 after 20 s, before it had started; gpu_lost; then retry 1 of 3",
    "run 2 of llm_engine:llm_engine: exit code 7 after 20 s, started after 5 s; gpu_lost; then retry 2 of 3",
    "last lines:",
    "one",
    "Error: token=***",
    "",
  ]);
});

Deno.test("renderTerminationMessage() says a cause once", () => {
  const text = renderTerminationMessage({
    ...{ reason: "gave up: x; cause: gpu_lost, no usable GPU", runs: [run(1)], lines: [] },
  });
  assertEquals(text.split("\n")[0], "gave up: x; cause: gpu_lost, no usable GPU");
});

Deno.test("renderTerminationMessage() has at most 4,096 bytes, whole characters, and the newest", () => {
  for (const char of ["x", "é", "語", "🙂"]) {
    for (let length = 0; length < 40; length++) {
      const text = renderTerminationMessage({
        reason: char.repeat(1_000 + length),
        runs: Array.from({ length: 32 }, (_, index) => run(index + 1)),
        lines: Array.from({ length: 200 }, (_, index) => char.repeat(length + 7) + index),
      });
      assert(count(text) <= MAX_BYTES, `${count(text)}`);
      assert(text.isWellFormed() && !text.includes("\ufffd"), text);
      assert(text.includes("run 32 of ") && text.includes(" earlier runs\n"), text);
      assert(text.endsWith(`${char}199\n`), text);
    }
  }
});

Deno.test("renderTerminationMessage() masks what looks secret in a reason", () => {
  const reason = "Cannot install https://me:hunter2@host/x --api-key hunter2";
  const text = renderTerminationMessage({ reason, runs: [], lines: [] });
  assertEquals(text, "Cannot install https://***@host/x --api-key ***\n");
});
