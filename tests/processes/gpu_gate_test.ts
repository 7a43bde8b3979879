import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { stopCleanly } from "../support/ends.ts";
import { readEvents, recordingEngine, waitForEvent } from "../support/engines.ts";
import { findFrostProblem, Frost, onFreezableDevice } from "../support/frost.ts";
import { itUnless } from "../support/needs.ts";
import { isAlive, signalProcess, wallMs } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// A killed worker that has not left the driver yet keeps the next engine from starting. A file in a /dev of the
// run's own stands in for the GPU, and its frozen file system for the driver.

const [supervisord] = readSupervisords();

const DEVICE = `/dev/nvidia-test-${crypto.randomUUID().slice(0, 8)}`;

/** Where nothing is to be waited for, ms; generous for a noisy machine. */
const AT_ONCE_MS = 2_000;

/** What a sweep waits for a process that will not die, ms. */
const SWEEP_MS = 5_000;

interface Scene {
  readonly run: Run;
  readonly engine: number;
  readonly worker: number;
}

async function serve(
  args: readonly string[],
  timeoutSecs: number,
  look: (scene: Scene) => Promise<void>,
): Promise<void> {
  await using run = new Run({
    supervisord,
    args: (directory) => recordingEngine(supervisord!, directory, "--workers", "2", ...args),
    env: {
      SUPERVISOR_PROGRAM_STARTSECS: "0",
      PROCESS_GPU_RELEASE_TIMEOUT_SECS: String(timeoutSecs),
    },
    wrapper: (directory) => onFreezableDevice(DEVICE, `${directory}/held`),
  });
  const { pid } = await waitForEvent(run, "loaded");
  const [worker = 0] = readEvents(run).find(({ workers }) => workers !== undefined)?.workers ?? [];
  await look({ run, engine: pid, worker });
  await stopCleanly(run);
}

/** From now to the engine's second start, ms. */
async function killEngine({ run, engine }: Scene): Promise<number> {
  const killedMs = wallMs();
  signalProcess(engine, "SIGKILL");
  const { wall_ns } = await waitForEvent(run, "start", 2);
  return wall_ns / 1e6 - killedMs;
}

const FROST_PROBLEM = findFrostProblem();

describe("waitForGpu()", () => {
  itUnless(FROST_PROBLEM)("costs nothing where there is nothing to wait for", async () => {
    for (const args of [[], ["--hold", DEVICE]]) {
      await serve(args, 30, async (scene) => {
        const tookMs = await killEngine(scene);
        assert(tookMs < AT_ONCE_MS, scene.run.describe(`took ${tookMs} ms`));
      });
    }
  });

  itUnless(FROST_PROBLEM)(
    "keeps the next engine waiting for a killed worker, but not indefinitely",
    async () => {
      const waits = serve(["--hold", DEVICE], 30, async (scene) => {
        const { run, engine, worker } = scene;
        await using frost = new Frost(worker, run.path("held"));
        await run.waitFor(() => frost.isFrozen, "the frost");
        signalProcess(engine, "SIGKILL");
        await run.waitFor(() => run.read("stderr").includes("let go of the GPU"), "the gate");
        assert(isAlive(worker), run.describe("the worker cannot die yet"));
        assertEquals(readEvents(run).filter(({ event }) => event === "start").length, 1);
        const still = / INFO .* still waits for the GPU: 1\d s of 30 s at most/;
        await run.waitFor(() => still.test(run.read("stderr")), "a line of progress", 40_000);
        const thawedMs = wallMs();
        frost.thaw();
        const { wall_ns } = await waitForEvent(run, "start", 2);
        assert(wall_ns / 1e6 > thawedMs, run.describe("started before the GPU was free"));
        assert(wall_ns / 1e6 < thawedMs + AT_ONCE_MS, run.describe("started late"));
        assert(/ INFO .* the GPU is free after /.test(run.read("stderr")), run.describe("its end"));
      });
      const timesOut = serve(["--hold", DEVICE], 1, async (scene) => {
        await using frost = new Frost(scene.worker, scene.run.path("held"));
        await scene.run.waitFor(() => frost.isFrozen, "the frost");
        const tookMs = await killEngine(scene);
        assert(isAlive(scene.worker), scene.run.describe("the worker cannot die"));
        assert(tookMs >= 1_000, scene.run.describe(`took ${tookMs} ms`));
        assert(tookMs < SWEEP_MS + 1_000 + AT_ONCE_MS, scene.run.describe(`took ${tookMs} ms`));
      });
      await Promise.all([waits, timesOut]);
    },
  );
});
