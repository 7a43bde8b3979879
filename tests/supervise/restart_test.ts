import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runDeaths } from "../support/deaths.ts";
import { stopCleanly } from "../support/ends.ts";
import { sleeper, waitForStart } from "../support/engines.ts";
import { isAlive, settleAll, signalProcess, wallMs } from "../support/processes.ts";
import { FIXTURES, Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Restarts, failed starts and recoveries counted by the engine itself: each start adds a line to a record.

/** The bench measures what it really takes; here a noisy machine must pass. */
const RESTART_MS = 950;
const GIVE_UP_MS = 2_000;

/** How early a timer may fire, and how coarsely a clock may count. */
const CLOCK_MS = 5;

for (const supervisord of readSupervisords()) {
  describe(`supervise() with supervisord ${supervisord.version}`, () => {
    it("restarts a killed engine at once, and backs off where runs in a row did not last", async () => {
      await using run = new Run({
        supervisord,
        args: sleeper,
        env: { PROCESS_MAX_RECOVERY_ATTEMPTS: "unlimited" },
      });
      const waits: number[] = [];
      // How long each run lasts beyond startsecs, and the pause that its end calls for, ms.
      const runs = [[200, 0], [200, 1_000], [10_200, 0], [200, 0]] as const;
      for (const [index, [lifeMs, pauseMs]] of runs.entries()) {
        const kill = index + 1;
        const { pid, atMs } = await waitForStart(run, kill);
        // Only a death after startsecs is a crash of an engine that had started.
        const diesMs = atMs + 1_000 + lifeMs;
        await run.waitFor(() => wallMs() > diesMs, "the engine to count as started");
        assert(isAlive(pid), run.describe(`engine ${pid} is alive`));
        const killedMs = wallMs();
        signalProcess(pid, "SIGKILL");
        waits.push((await waitForStart(run, kill + 1)).atMs - killedMs - pauseMs);
      }
      for (const wait of waits) {
        assert(wait > -CLOCK_MS && wait < RESTART_MS, run.describe(`pauses and ${waits} ms`));
      }
      assertEquals(run.readNumbers("starts").length, 5);
      await stopCleanly(run);
    });

    it("starts the engine again after `supervisorctl reload`", async () => {
      await using run = new Run({
        supervisord,
        args: sleeper,
        env: { SUPERVISOR_PROGRAM_STARTSECS: "0" },
      });
      for (let times = 1; times < 4; times++) {
        const { pid } = await waitForStart(run, times);
        await run.waitFor(
          () => run.read("stderr").includes(`(pid ${pid}) started`),
          "the engine to be seen",
        );
        signalProcess(run.findSupervisord()!, "SIGHUP"); // As `supervisorctl reload` does.
      }
      await waitForStart(run, 4);
      await stopCleanly(run);
    });

    it("gives up after exactly 1 + N failed starts, in time, backing off between them", async () => {
      const retries = 2;
      const results = await settleAll(
        [0, 1, 5, 50].map((delayMs) =>
          runDeaths(supervisord, delayMs, {
            PROCESS_MAX_START_RETRIES: String(retries),
            PROCESS_MAX_RECOVERY_ATTEMPTS: "0",
          })
        ),
      );
      for (const { startsMs, pausesMs, code, endMs, left, text } of results) {
        assertEquals(
          { starts: startsMs.length, code, left },
          { starts: 3, code: 1, left: 0 },
          text,
        );
        pausesMs.forEach((pauseMs, index) =>
          assert(
            pauseMs >= (index + 1) * 1_000 - CLOCK_MS && pauseMs < (index + 2) * 1_000,
            `pause ${index + 1} took ${pauseMs} ms: ${text}`,
          )
        );
        assert(endMs < GIVE_UP_MS, `gave up ${endMs} ms after the last failure: ${text}`);
      }
    });

    it("counts a death after startsecs as a recovery, and one at its border within both limits", async () => {
      const [late, unlimitedRetries, ...border] = await settleAll([
        runDeaths(supervisord, 1500, {
          PROCESS_MAX_START_RETRIES: "0",
          PROCESS_MAX_RECOVERY_ATTEMPTS: "2",
        }),
        runDeaths(supervisord, 0, {
          PROCESS_MAX_START_RETRIES: "0",
          PROCESS_MAX_RECOVERY_ATTEMPTS: "unlimited",
        }),
        ...[900, 1000, 1100].map((delayMs) =>
          runDeaths(supervisord, delayMs, {
            PROCESS_MAX_START_RETRIES: "1",
            PROCESS_MAX_RECOVERY_ATTEMPTS: "1",
          })
        ),
      ]);
      assertEquals({ starts: late.startsMs.length, code: late.code, left: late.left }, {
        starts: 3,
        code: 1,
        left: 0,
      }, late.text);
      late.pausesMs.forEach((pauseMs, index) =>
        assert(
          pauseMs >= index * 1_000 - CLOCK_MS && pauseMs < index * 1_000 + RESTART_MS,
          `recovery ${index + 1} took ${pauseMs} ms: ${late.text}`,
        )
      );
      assert(late.endMs < GIVE_UP_MS, `gave up after ${late.endMs} ms: ${late.text}`);
      assertEquals(unlimitedRetries.startsMs.length, 1, unlimitedRetries.text);
      for (const { startsMs, code, left, endMs, text } of border) {
        assert(startsMs.length >= 2 && startsMs.length <= 3, text);
        assertEquals({ code, left }, { code: 1, left: 0 }, text);
        assert(endMs < GIVE_UP_MS, `gave up after ${endMs} ms: ${text}`);
      }
    });

    it("paces an engine that dies at once though every start counts as good", async () => {
      await using run = new Run({
        supervisord,
        args: (directory) => [`${FIXTURES}/dies_at_once.sh`, "1", `${directory}/starts`],
        env: { PROCESS_MAX_RECOVERY_ATTEMPTS: "unlimited", SUPERVISOR_PROGRAM_STARTSECS: "0" },
      });
      const [[firstMs = 0] = []] = [
        await run.waitFor(() => run.readNumbers("starts").length > 0 && [wallMs()], "a start"),
      ];
      await run.waitFor(() => wallMs() > firstMs + 3_500, "3.5 s");
      // At 0, 0, 1 and 3 s; 329 were seen in 3 s before.
      const { length } = run.readNumbers("starts");
      assert(length >= 3 && length <= 4, run.describe(`${length} starts`));
      run.signal("SIGTERM");
      assertEquals((await run.waitForEnd()).code, 0, run.describe("in back-off"));
    });

    it("says that an operator has stopped an engine, and leaves it so until it is started", async () => {
      await using run = new Run({
        supervisord,
        args: (directory) => sleeper(directory),
        env: (directory) => ({ SUPERVISOR_CONFIG_PATH: `${directory}/supervisord.conf` }),
      });
      const control = (...args: string[]) =>
        new Deno.Command(supervisord.path.replace(/supervisord$/, "supervisorctl"), {
          args: ["-c", run.path("supervisord.conf"), ...args],
        }).output();
      await run.waitFor(() => run.readNumbers("starts")[0], "the engine");
      await control("stop", "all");
      await run.waitFor(() => / was stopped by an operator /.test(run.read("stderr")), "the line");
      await control("start", "all");
      await run.waitFor(() => run.readNumbers("starts")[1], "the start by hand");
      run.signal("SIGTERM");
      assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
      assertEquals(run.read("stderr").split(" was stopped by an operator ").length, 2, "said once");
    });
  });
}
