import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { runDeaths } from "../support/deaths.ts";
import { stopCleanly } from "../support/ends.ts";
import { sleeper, waitForStart } from "../support/engines.ts";
import { isAlive, settleAll, signalProcess, wallMs } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Restarts, failed starts and recoveries counted by the engine itself: each start adds a line to a record.

/** The bench measures what it really takes; here a noisy machine must pass. */
const RESTART_MS = 500;
const GIVE_UP_MS = 500;

/** How early a timer may fire, and how coarsely a clock may count. */
const CLOCK_MS = 5;

for (const supervisord of readSupervisords()) {
  describe(`supervise() with supervisord ${supervisord.version}`, () => {
    it("restarts a killed engine at once, again and again", async () => {
      await using run = new Run({
        supervisord,
        args: sleeper,
        env: { PROCESS_MAX_RECOVERY_ATTEMPTS: "unlimited" },
      });
      const waits: number[] = [];
      for (let kill = 1; kill <= 5; kill++) {
        const { pid, atMs } = await waitForStart(run, kill);
        // Only a death after startsecs is a crash of an engine that had started.
        await run.waitFor(() => wallMs() > atMs + 1_200, "the engine to count as started");
        assert(isAlive(pid), run.describe(`engine ${pid} is alive`));
        const killedMs = wallMs();
        signalProcess(pid, "SIGKILL");
        waits.push((await waitForStart(run, kill + 1)).atMs - killedMs);
      }
      waits.sort((a, b) => a - b);
      assert(waits[2]! < RESTART_MS, run.describe(`restarts took ${waits} ms`));
      assertEquals(run.readNumbers("starts").length, 6);
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
      for (const pauseMs of late.pausesMs) {
        assert(pauseMs < RESTART_MS, `a recovery took ${pauseMs} ms: ${late.text}`);
      }
      assert(late.endMs < GIVE_UP_MS, `gave up after ${late.endMs} ms: ${late.text}`);
      assertEquals(unlimitedRetries.startsMs.length, 1, unlimitedRetries.text);
      for (const { startsMs, code, left, endMs, text } of border) {
        assert(startsMs.length >= 2 && startsMs.length <= 3, text);
        assertEquals({ code, left }, { code: 1, left: 0 }, text);
        assert(endMs < GIVE_UP_MS, `gave up after ${endMs} ms: ${text}`);
      }
    });
  });
}
