import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { stopCleanly } from "../support/ends.ts";
import { Operator } from "../support/operator.ts";
import { inBatches, isAlive, pause, signalProcess } from "../support/processes.ts";
import { makeRandom, type Random } from "../support/random.ts";
import { DEADLINE_MS, FIXTURES, Run } from "../support/run.ts";
import { readStatusFile } from "../support/status.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// What an operator does through supervisord, alone and mixed with crashes. The engine writes its pid and its
// worker's to `starts`, so that what runs can be held against what supervisord and we say.

/** How the engine keeps its worker, if it has one. */
type Workers = "none" | "in its group" | "in its session";

const LINES: Readonly<Record<Workers, (directory: string) => string[]>> = {
  none: (directory) => [`${FIXTURES}/records_start.sh`, `${directory}/record`],
  "in its group": (directory) => [`${FIXTURES}/with_worker.sh`, `${directory}/record`],
  "in its session": (directory) => [
    ...["/usr/bin/env", "WORKER_SESSION=own"],
    ...[`${FIXTURES}/with_worker.sh`, `${directory}/record`],
  ],
};

/** The starts so far: the engine's pid and, if it has one, its worker's. */
function readRecord(run: Run, workers: Workers): { engine: number; worker: number | undefined }[] {
  return run.readNumbers("record").map(([first = 0, second = 0]) =>
    workers === "none" ? { engine: second, worker: undefined } : { engine: first, worker: second }
  );
}

function startRun(
  supervisord: InstalledSupervisord,
  workers: Workers,
  env: Readonly<Record<string, string>> = {},
): Run {
  return new Run({ supervisord, args: LINES[workers], env: { LOG_LEVEL: "debug", ...env } });
}

/** Waits until there is one engine, the one that was started last, and of all workers just its own. */
async function expectOneEngine(run: Run, workers: Workers, starts: number): Promise<void> {
  const count = workers === "none" ? 1 : 2;
  await run.waitFor(() => {
    const record = readRecord(run, workers);
    const alive = record.flatMap(({ engine, worker = engine }) => [...new Set([engine, worker])])
      .filter(isAlive);
    const last = record.at(-1);
    return record.length === starts && alive.length === count && alive.includes(last!.engine);
  }, `${starts} starts, and the last of them alone`);
}

function readDied(run: Run): string[] {
  return run.read("stderr").split("\n").filter((line) =>
    / ended with .*(retry|recovery) /.test(line)
  );
}

for (const supervisord of readSupervisords()) {
  describe(`an operator of supervisord ${supervisord.version}`, () => {
    for (const workers of ["none", "in its group", "in its session"] as const) {
      it(`restarts an engine again and again, and nothing kills the new one (worker: ${workers})`, async () => {
        // With no retry, one kill of ours would end the run.
        const env = { PROCESS_MAX_START_RETRIES: "0", PROCESS_MAX_RECOVERY_ATTEMPTS: "0" };
        await using run = startRun(supervisord, workers, env);
        using operator = new Operator(run);
        await expectOneEngine(run, workers, 1);
        const pauses = [0, 300, 5, 1_200, 40, 0, 150, 20];
        for (const [index, pauseMs] of pauses.entries()) {
          await pause(pauseMs);
          if (index % 2 === 0) {
            assertEquals(await operator.restart(), "done", run.describe("the restart"));
          } else {
            await operator.stop();
            await pause(pauseMs);
            assertEquals(await operator.start(), "done", run.describe("the start after a stop"));
          }
          await expectOneEngine(run, workers, index + 2);
        }
        assertEquals(operator.countKilled(), 0, run.describe("nobody killed an engine"));
        assertEquals(readDied(run), []);
        const status = await run.waitFor(() => {
          const now = readStatusFile(run);
          return now?.programs[0]?.starts === pauses.length + 1 ? now : undefined;
        }, "the status to count every start");
        assertEquals(status.programs[0]?.recoveries?.used, 0);
        await stopCleanly(run);
      });
    }

    it("restarts an engine, which is reported as a restart", async () => {
      await using run = startRun(supervisord, "none");
      using operator = new Operator(run);
      await expectOneEngine(run, "none", 1);
      await operator.restart();
      await run.waitFor(
        () => /was restarted by an operator/.test(run.read("stderr")),
        "the report",
      );
      await operator.stop();
      await run.waitFor(
        () =>
          /was stopped by an operator.*stays stopped until you start it/.test(run.read("stderr")),
        "the report of a stop",
      );
      await operator.start();
      await run.waitFor(
        () => /was started by an operator/.test(run.read("stderr")),
        "the report of a start",
      );
      assertEquals(
        run.read("stderr").match(/was stopped by an operator/g)?.length,
        1,
        run.describe("stops"),
      );
      await stopCleanly(run);
    });

    it("calls off a restart that is still waiting, until it starts the engine", async () => {
      await using run = startRun(supervisord, "none", { PROCESS_MAX_START_RETRIES: "5" });
      using operator = new Operator(run);
      await expectOneEngine(run, "none", 1);
      signalProcess(readRecord(run, "none")[0]!.engine, "SIGKILL");
      await run.waitFor(() => operator.readSpawned().length === 2, "the next run, which waits");
      assertEquals(readRecord(run, "none").length, 1, run.describe("the pause"));
      assertEquals(await operator.stop(), "done", run.describe("the stop"));
      await run.waitFor(() => /was stopped by an operator/.test(run.read("stderr")), "the report");
      const status = await run.waitFor(() => {
        const now = readStatusFile(run);
        return now?.programs[0]?.state === "stopped" ? now : undefined;
      }, "the status");
      assertEquals(status.programs[0]?.starts, 2);
      await pause(1_500); // The pause that was called off took 1 s.
      assertEquals(readRecord(run, "none").length, 1, run.describe("it stays stopped"));
      assertEquals(await operator.start(), "done");
      await expectOneEngine(run, "none", 2);
      await stopCleanly(run);
    });

    it("cuts short a pause by a restart, and an engine of its own stop signal waits for nothing", async () => {
      await using run = startRun(supervisord, "none", {
        PROCESS_MAX_START_RETRIES: "5",
        SUPERVISOR_PROGRAM_STOPSIGNAL: "WINCH", // The shell that waits ignores it.
        SUPERVISOR_PROGRAM_STOPWAITSECS: "60",
      });
      using operator = new Operator(run);
      await expectOneEngine(run, "none", 1);
      signalProcess(readRecord(run, "none")[0]!.engine, "SIGKILL");
      await run.waitFor(() => operator.readSpawned().length === 2, "the next run, which waits");
      assertEquals(await operator.restart(), "done", run.describe("the restart"));
      await expectOneEngine(run, "none", 2);
      assertEquals(operator.readSpawned().length, 3, run.describe("the spawns"));
      signalProcess(readRecord(run, "none")[1]!.engine, "SIGKILL");
      await run.waitFor(
        () => operator.readSpawned().length === 4,
        "the next run, which waits again",
      );
      await stopCleanly(run); // Within the deadline of a test, far below 60 s.
    });

    it("overtakes a crash, which counts anyway", async () => {
      await using run = startRun(supervisord, "in its session", {
        PROCESS_MAX_START_RETRIES: "0",
        SUPERVISOR_PROGRAM_STARTSECS: "3", // Far longer than the second run lives.
      });
      using operator = new Operator(run);
      await expectOneEngine(run, "in its session", 1);
      await run.waitFor(() => / started after /.test(run.read("stderr")), "the first start");
      const program = run.findProgram()!;
      signalProcess(program, "SIGSTOP");
      // The second of two crashes lives and dies while nobody looks.
      for (const expected of [2, 3]) {
        signalProcess(readRecord(run, "in its session").at(-1)!.engine, "SIGKILL");
        await run.waitFor(() => operator.countKilled() === expected - 1, `crash ${expected - 1}`);
        assertEquals(await operator.start(), "done");
        await run.waitFor(() => readRecord(run, "in its session").length === expected, "the start");
      }
      signalProcess(program, "SIGCONT");
      await expectOneEngine(run, "in its session", 3);
      await run.waitFor(() => readDied(run).length === 1, "the report of the first crash");
      // The second crash was a failed start past the limit. Its line comes after the first one's.
      await run.waitFor(
        () =>
          /failed starts in a row.*not exiting, because an operator has started/
            .test(run.read("stderr")),
        "the report of the second crash",
      );
      const status = await run.waitFor(() => {
        const now = readStatusFile(run);
        return now?.programs[0]?.starts === 3 ? now : undefined;
      }, "the status");
      assertEquals(status.programs[0]?.recoveries?.used, 1);
      await stopCleanly(run);
    });

    it("does anything at any moment, and everything adds up (random, seeds 1 to 8)", async () => {
      const seeds = Array.from({ length: 8 }, (_, index) => index + 1);
      await inBatches(seeds, 4, (seed) => actAtRandom(supervisord, makeRandom(seed)));
    });
  });
}

/** One action of an operator, or a fault. @returns how many engines it killed. */
async function act(
  run: Run,
  operator: Operator,
  workers: Workers,
  random: Random,
): Promise<number> {
  const last = readRecord(run, workers).at(-1);
  switch (random.integer(8)) {
    case 0:
    case 1:
      await operator.restart();
      return 0;
    case 2:
      await operator.stop();
      return 0;
    case 3:
      await operator.start();
      return 0;
    case 4:
      await Promise.all([operator.restart(), operator.start()]);
      return 0;
    case 5:
      await operator.reload();
      return 0;
    case 6:
      if (last?.worker !== undefined) signalProcess(last.worker, "SIGKILL");
      return 0;
    default:
      return last !== undefined && signalProcess(last.engine, "SIGKILL") ? 1 : 0;
  }
}

async function actAtRandom(supervisord: InstalledSupervisord, random: Random): Promise<void> {
  const workers = random.pick<Workers>(["none", "in its group", "in its session"]);
  await using run = startRun(supervisord, workers, {
    PROCESS_MAX_START_RETRIES: "100",
    PROCESS_MAX_RECOVERY_ATTEMPTS: "100",
    SUPERVISOR_PROGRAM_STARTSECS: String(random.integer(3)),
    // A stop that comes between fork and exec is lost, and supervisord kills when this is over.
    SUPERVISOR_PROGRAM_STOPWAITSECS: "2",
  });
  using operator = new Operator(run);
  await run.waitFor(() => readRecord(run, workers).length === 1, "the first start");
  const text = `seed ${random.seed}, worker: ${workers}`;
  let kills = 0;
  for (let left = 3 + random.integer(6); left > 0; left--) {
    kills += await act(run, operator, workers, random);
    await pause(random.pick([0, 10, 50, 300, 1_200]));
  }
  // However it stands now, one order of an operator holds.
  const isStopped = random.integer(2) === 0;
  await run.waitFor(() => run.findSupervisord() !== undefined, "supervisord");
  const isOrdered = async (): Promise<boolean> => {
    const answer = isStopped ? await operator.stop() : await operator.start();
    // What does not run just now may be about to be started, after a reload for example.
    return answer === "done" || answer === "already_started" ||
      (answer === "not_running" && readStatusFile(run)?.programs[0]?.state === "stopped");
  };
  for (const untilMs = performance.now() + DEADLINE_MS; !await isOrdered(); await pause(50)) {
    assert(performance.now() < untilMs, run.describe(`the last order (${text})`));
  }
  const count = isStopped ? 0 : workers === "none" ? 1 : 2;
  const find = () =>
    readRecord(run, workers).flatMap((
      { engine, worker = engine },
    ) => [...new Set([engine, worker])])
      .filter(isAlive).length;
  const status = await run.waitFor(() => {
    const now = readStatusFile(run);
    const engine = now?.programs[0];
    const isRight = isStopped ? engine?.state === "stopped" : engine?.state === "running";
    return isRight && find() === count && engine?.starts === operator.readSpawned().length && now;
  }, `what runs to agree with the status (${text})`);
  assert(operator.countKilled() <= kills, run.describe(`${text}: ${kills} kills`));
  assertEquals(/gave up/.test(run.read("stderr")), false, run.describe(text));
  const counted = status.runs.filter(({ next }) => next?.action === "recovery").length;
  assertEquals(status.programs[0]?.recoveries?.used, counted, run.describe(text));
  await stopCleanly(run);
}
