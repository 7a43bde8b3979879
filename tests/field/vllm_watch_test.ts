import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { findFreePort, readTree, waitUntil } from "../support/namespace.ts";
import { itUnless } from "../support/needs.ts";
import { pause, signalProcess, wallMs } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { openStream } from "../support/streams.ts";
import { readSupervisords } from "../support/supervisords.ts";

// What is asked of a real vLLM on the CPU: when it has started, whether it hangs. How to get one: vllm_test.ts.

const [supervisord] = readSupervisords();

const VLLM = Deno.env.get("VLLM") ?? "";
const MODEL = Deno.env.get("MODEL") ?? "";

const problem = VLLM === "" || MODEL === ""
  ? "needs VLLM and MODEL: its command and its model's directory"
  : undefined;

/** Until it serves, ms; 90 s were seen on two busy cores. */
const BOOT_MS = 300_000;

const STALL_SECS = 10;

/** Longer than what makes a hang, with all that comes on top, ms. */
const HANG_MS = 60_000;

function serve(port: number, env: Readonly<Record<string, string>>): Run {
  return new Run({
    supervisord,
    args: [
      ...[VLLM, "serve", MODEL, "--port", String(port), "--host", "127.0.0.1"],
      ...["--dtype", "float32", "--max-model-len", "2048", "--enforce-eager"],
    ],
    env: {
      VLLM_CPU_OMP_THREADS_BIND: "nobind",
      VLLM_CPU_KVCACHE_SPACE: "1",
      HF_HUB_OFFLINE: "1",
      PROCESS_MAX_RECOVERY_ATTEMPTS: "unlimited",
      ...env,
    },
  });
}

/** Waits until it was said to have started for the so-many-th time, and asks whether it serves then. */
async function waitForStart(run: Run, port: number, times = 1): Promise<void> {
  await run.waitFor(
    () => (run.read("stderr").match(/ started after \d/g)?.length ?? 0) >= times,
    `start ${times}`,
    BOOT_MS,
  );
  const response = await fetch(`http://127.0.0.1:${port}/health`);
  await response.body?.cancel();
  assert(response.ok, run.describe("it serves when it is said to have started"));
}

/** Stops the process that makes the tokens, as a GPU that hangs does. */
function freeze(run: Run): void {
  const worker = readTree(run.pid).find(({ command }) => command.includes("VLLM::EngineCore"));
  if (worker === undefined) throw new Error(run.describe("No EngineCore"));
  signalProcess(worker.pid, "SIGSTOP");
}

async function waitForWord(run: Run, word: string): Promise<number> {
  const beganMs = wallMs();
  await run.waitFor(() => run.read("stderr").includes(word), word, HANG_MS);
  return wallMs() - beganMs;
}

/** Stops it; what vLLM leaves in TMPDIR is another test's. */
async function stop(run: Run): Promise<void> {
  run.signal("SIGTERM");
  const { code } = await run.waitForEnd(HANG_MS);
  assertEquals([code, run.readLeft()], [0, []], run.describe("the end"));
}

const onVllm = itUnless(problem);

describe("a real vLLM that is watched", () => {
  onVllm(
    "has started when it serves, and its hang under load is seen by its counters",
    async () => {
      const port = findFreePort();
      await using run = serve(port, { PROCESS_PROGRESS_TIMEOUT_SECS: String(STALL_SECS) });
      await waitForStart(run, port);
      const stream = openStream({
        port,
        tokens: 1_500,
        body: { model: MODEL, prompt: "a", ignore_eos: true },
      });
      await stream.begun;
      await pause(2_000); // vLLM tells its gauges once a step.
      freeze(run);
      const tookMs = await waitForWord(run, "is unhealthy: no progress for");
      console.log(`hang seen after ${(tookMs / 1000).toFixed(1)} s, ${STALL_SECS} s make one`);
      await waitForStart(run, port, 2);
      await stop(run);
    },
  );

  onVllm("is seen to hang by canaries where that began idle", async () => {
    const port = findFreePort();
    await using run = serve(port, {
      PROCESS_PROGRESS_TIMEOUT_SECS: String(STALL_SECS),
      PROCESS_CANARY_PERIOD_SECS: "3",
      PROCESS_CANARY_TIMEOUT_SECS: "5",
    });
    await waitForStart(run, port);
    const metrics = async () => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const sang = async () => /^vllm:generation_tokens_total\S* [1-9]/m.test(await metrics());
    await waitUntil(run, sang, "a canary's token", HANG_MS);
    freeze(run);
    const tookMs = await waitForWord(run, "failed canaries in a row");
    console.log(`hang seen after ${(tookMs / 1000).toFixed(1)} s`);
    await waitForStart(run, port, 2);
    await stop(run);
  });
});
