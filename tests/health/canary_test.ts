import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import { sleeper } from "../support/engines.ts";
import { pause } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";
import { Watched } from "../support/watched.ts";

// A hang that begins idle shows in no metric and on no health path: only a request tells.

const [supervisord] = readSupervisords();

const CANARY = {
  PROCESS_CANARY_PERIOD_SECS: "1",
  PROCESS_CANARY_TIMEOUT_SECS: "1",
  PROCESS_HEALTH_FAILURE_THRESHOLD: "2",
};

describe("PROCESS_CANARY_PERIOD_SECS", () => {
  it("finds a hang that began idle, by one token of the first model", async () => {
    await using watched = new Watched(supervisord!, "vllm", CANARY);
    const worker = await watched.waitForLoad();
    await watched.run.waitFor(() => watched.asked >= 3, "three canaries");
    assertEquals(watched.starts, 1, watched.run.describe("they are answered"));
    const first = JSON.parse(
      watched.run.read("record").split("\n").find((line) => line.includes('"asked"'))!,
    );
    assertEquals(first.body, { prompt: "1", max_tokens: 1, temperature: 0, model: "m" });
    watched.freeze(worker);
    await watched.waitForLoad(2);
    assert(watched.said.includes("2 failed canaries in a row"), watched.run.describe("reason"));
    await stopCleanly(watched.run);
  });

  it("is never sent while the engine makes progress", async () => {
    await using watched = new Watched(supervisord!, "vllm", CANARY, ["--requests", "8"]);
    await watched.waitForLoad();
    await pause(5_000);
    assertEquals(watched.asked, 0, watched.run.describe("canaries"));
    await watched.order("requests?count=0");
    await watched.run.waitFor(() => watched.asked > 0, "a canary once it is idle");
    await stopCleanly(watched.run);
  });

  it("has no effect on an engine of which no request is known", async () => {
    await using run = new Run({ supervisord, args: sleeper, env: CANARY });
    await run.waitFor(() => run.read("stderr").includes("has no effect"), "a warning");
    await stopCleanly(run);
  });
});

describe("PROCESS_CANARY_COMMAND", () => {
  it("takes the place of the request, for an engine of any kind", async () => {
    await using run = new Run({
      supervisord,
      args: sleeper,
      env: {
        ...CANARY,
        PROCESS_CANARY_COMMAND:
          `/bin/sh -c 'echo >>"$TMPDIR/../canaries"; [ $(wc -l <"$TMPDIR/../canaries") -lt 3 ]'`,
        PROCESS_MAX_RECOVERY_ATTEMPTS: "0",
      },
    });
    await expectEnd(run, 1);
    assertEquals(run.read("canaries").length, 4, run.describe("two sang, two failed"));
    assert(run.read("stderr").includes("2 failed canaries in a row"), run.describe("reason"));
  });

  it("is not sent to an engine that was told to stop", async () => {
    const script = 'trap "echo >>$0/told" TERM; while :; do sleep 0.05; done';
    await using run = new Run({
      supervisord,
      args: (directory) => ["/bin/sh", "-c", script, directory],
      env: {
        ...CANARY,
        PROCESS_HEALTH_COMMAND: `/bin/sh -c '[ ! -e "$TMPDIR/../sick" ]'`,
        PROCESS_HEALTH_PERIOD_SECS: "1",
        PROCESS_CANARY_COMMAND:
          `/bin/sh -c 'if [ -e "$TMPDIR/../told" ]; then echo >>"$TMPDIR/../late"; fi; echo >>"$TMPDIR/../canaries"'`,
        PROCESS_HANG_GRACE_SECS: "4",
        PROCESS_MAX_RECOVERY_ATTEMPTS: "0",
      },
    });
    await run.waitFor(() => run.read("canaries") || undefined, "a canary");
    Deno.writeTextFileSync(run.path("sick"), "");
    await expectEnd(run, 1);
    assertEquals([run.read("told"), run.read("late")], ["\n", ""], run.describe("canaries"));
  });
});
