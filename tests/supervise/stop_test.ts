import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { engine, python, readEvents, waitForEvent } from "../support/engines.ts";
import { AS_PID_1, PID_NAMESPACE_PROBLEM } from "../support/isolation.ts";
import { itUnless } from "../support/needs.ts";
import {
  isAlive,
  listensToSignals,
  pause,
  settleAll,
  signalProcess,
  wallMs,
} from "../support/processes.ts";
import { FIXTURES, Run } from "../support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// Stops: what is asked for ends with 0, everything ends with it, and nobody is cut short or waited for in vain.

/** The bench measures what it really takes; here a noisy machine must pass. */
const STOP_MS = 1_000;

/** An engine that stops at once, and says when it ran. */
function sleeper(directory: string): string[] {
  return [`${FIXTURES}/records_start.sh`, `${directory}/starts`];
}

function waitForStart(run: Run): Promise<number[]> {
  return run.waitFor(() => run.readNumbers("starts")[0], "the engine's start");
}

/** Sends a signal, waits for the end, and asserts that it was a clean one: 0, no process, no file. */
async function stopCleanly(run: Run, signal: Deno.Signal = "SIGTERM"): Promise<number> {
  const sentMs = wallMs();
  assert(run.signal(signal), run.describe("the run is there to be stopped"));
  const { code, atMs } = await run.waitForEnd();
  assertEquals(code, 0, run.describe(`exit code after ${signal}`));
  assertEquals(run.readLeft(), [], run.describe("left behind"));
  assertEquals(run.readTemporary(), [], run.describe("files left behind"));
  return atMs - sentMs;
}

/** SIGTERM so long after the spawn, or as soon as it is listened to. */
async function stopEarly(
  supervisord: InstalledSupervisord,
  afterMs: number | undefined,
): Promise<void> {
  await using run = new Run({ supervisord, args: sleeper });
  if (afterMs === undefined) await run.waitFor(() => listensToSignals(run.pid), "the listener");
  else await pause(run.spawnedMs + afterMs - wallMs());
  // Before its first instruction the program cannot listen: there the signal itself ends it.
  const isHeard = listensToSignals(run.pid);
  run.signal("SIGTERM");
  const { code, signal } = await run.waitForEnd();
  const text = run.describe(`SIGTERM after ${afterMs} ms, heard: ${isHeard}`);
  assert(code === 0 || (signal === "SIGTERM" && !isHeard), text);
  assertEquals(run.readLeft(), [], text);
  // Python tries TMPDIR with a file, which stays if supervisord is ended in that moment (docs/limits.md).
  const isTrial = (name: string) =>
    /^[a-z0-9_]{8}$/.test(name) && ["", "blat"].includes(run.read(`tmp/${name}`));
  assertEquals(run.readTemporary().filter((name) => !isTrial(name)), [], text);
}

for (const supervisord of readSupervisords()) {
  describe(`supervise() with supervisord ${supervisord.version}`, () => {
    it("lets an engine finish its drain, and kills everything at a second signal", async () => {
      const args = (directory: string) =>
        engine(
          supervisord,
          "--workers",
          "2",
          "--drain-secs",
          "2",
          "--record",
          `${directory}/record`,
        );
      const env = { SUPERVISOR_PROGRAM_STOPWAITSECS: "30" };
      await using patient = new Run({ supervisord, args, env });
      await using impatient = new Run({ supervisord, args, env });
      await settleAll([waitForEvent(patient, "loaded"), waitForEvent(impatient, "loaded")]);
      const drained = stopCleanly(patient);

      impatient.signal("SIGTERM");
      await waitForEvent(impatient, "term");
      const secondMs = wallMs();
      impatient.signal("SIGTERM");
      const { atMs } = await impatient.waitForEnd();
      assert(atMs - secondMs < STOP_MS, impatient.describe(`took ${atMs - secondMs} ms`));
      assertEquals(impatient.readLeft(), [], impatient.describe("left behind"));
      assertEquals(readEvents(impatient).some(({ event }) => event === "exit"), false);

      const tookMs = await drained;
      assert(tookMs >= 2_000 && tookMs < 2_000 + STOP_MS, patient.describe(`took ${tookMs} ms`));
      assertEquals(readEvents(patient).at(-1)?.code, 0, patient.describe("drained"));
    });

    it("stops at once on each stop signal, and passes others on to the engine", async () => {
      await settleAll((["SIGTERM", "SIGINT", "SIGQUIT"] as const).map(async (signal) => {
        await using run = new Run({ supervisord, args: sleeper });
        await waitForStart(run);
        const tookMs = await stopCleanly(run, signal);
        assert(tookMs < STOP_MS, run.describe(`${signal}: took ${tookMs} ms`));
      }));
      await using run = new Run({
        supervisord,
        args: (directory) => engine(supervisord, "--record", `${directory}/record`),
      });
      await waitForEvent(run, "loaded");
      for (const name of ["HUP", "USR1", "USR2"] as const) {
        run.signal(`SIG${name}`);
        await run.waitFor(
          () => readEvents(run).find(({ event, signal }) => event === "signal" && signal === name),
          `${name} to reach the engine`,
        );
      }
      assertEquals(readEvents(run).filter(({ event }) => event === "start").length, 1);
      await stopCleanly(run);
    });

    it("kills an engine that ignores SIGTERM after stopwaitsecs, no sooner", async () => {
      await using run = new Run({
        supervisord,
        args: (directory) => python(supervisord, "ignores_term.py", `${directory}/ready`),
        env: { SUPERVISOR_PROGRAM_STOPWAITSECS: "1" },
      });
      await run.waitFor(
        () => [...Deno.readDirSync(run.directory)].some(({ name }) => name === "ready"),
        "the engine to ignore signals",
      );
      const tookMs = await stopCleanly(run);
      assert(tookMs >= 900 && tookMs < 2_000 + STOP_MS, run.describe(`took ${tookMs} ms`));
    });

    it("ends at once while it backs off, and while the engine's recovery is due", async () => {
      await using run = new Run({
        supervisord,
        args: (directory) => [`${FIXTURES}/dies_at_once.sh`, "1", `${directory}/starts`],
      });
      // The second pause lasts two seconds.
      await run.waitFor(() => run.readNumbers("starts")[1], "the second start");
      const tookMs = await stopCleanly(run);
      assert(tookMs < STOP_MS, run.describe(`took ${tookMs} ms`));
      assertEquals(run.readNumbers("starts").length, 2, run.describe("starts"));
    });

    it("ends cleanly when it is stopped in the first moments of a start", async () => {
      for (const afterMs of [undefined, 50, 150, 300]) {
        for (let round = 0; round < 2; round++) {
          await settleAll([stopEarly(supervisord, afterMs), stopEarly(supervisord, afterMs)]);
        }
      }
    });

    it("leaves nothing of an engine with workers in sessions of their own", async () => {
      await using run = new Run({
        supervisord,
        args: (directory) =>
          engine(
            supervisord,
            ...["--workers", "2", "--daemon-worker", "--leave-workers"],
            ...["--record", `${directory}/record`],
          ),
      });
      await waitForEvent(run, "loaded");
      const { workers = [], pid } = await waitForEvent(run, "workers");
      assertEquals(workers.length, 3);
      signalProcess(pid, "SIGKILL");
      await waitForEvent(run, "start", 2);
      assertEquals(workers.filter(isAlive), [], run.describe("workers of the dead engine"));
      await waitForEvent(run, "loaded", 2);
      await stopCleanly(run);
    });

    const asPid1 = "restarts, stops and leaves nothing as PID 1 of a container";
    itUnless(PID_NAMESPACE_PROBLEM)(asPid1, async () => {
      await using run = new Run({ supervisord, args: sleeper, wrapper: AS_PID_1 });
      await waitForStart(run);
      const program = await run.waitFor(() => run.findProgram(), "the program");
      // A process namespace hides the engine's pid, so it is found by what it became.
      const engines = () => run.readLeft().filter(({ command }) => command === "sleep 86400");
      const first = await run.waitFor(() => engines()[0], "the engine");
      signalProcess(first.pid, "SIGKILL");
      await run.waitFor(() => run.readNumbers("starts")[1], "the engine's second start");
      signalProcess(program, "SIGTERM");
      assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
      assertEquals(run.readLeft(), [], run.describe("left behind"));
      assertEquals(run.readTemporary(), [], run.describe("files left behind"));
    });
  });
}
