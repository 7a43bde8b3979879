import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import { python, sleeper, waitForStart } from "../support/engines.ts";
import { settleAll, signalProcess } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// What lasts longer than ten seconds is said: when it begins, while it goes on, and when it ends.

const supervisord = readSupervisords().at(-1)!;

/** Waits until each pattern has come, one after another. */
async function expectLines(run: Run, ...patterns: readonly RegExp[]): Promise<void> {
  for (const pattern of patterns) {
    await run.waitFor(() => pattern.test(run.read("stderr")), `${pattern}`, 40_000);
  }
}

async function load(): Promise<void> {
  await using run = new Run({
    supervisord,
    args: sleeper,
    env: {
      PROCESS_HEALTH_COMMAND: `/bin/sh -c 'test -e "$TMPDIR/../well"'`,
      PROCESS_STARTUP_TIMEOUT_SECS: "90",
    },
  });
  await expectLines(
    run,
    /INFO .* loads: it has 1 min 30 s to its first good probe/,
    /INFO .* \(pid \d+\) still loads: 1\d s of 1 min 30 s at most/,
  );
  Deno.writeTextFileSync(run.path("well"), "");
  await expectLines(run, / started after /);
  await stopCleanly(run);
}

async function drain(): Promise<void> {
  await using run = new Run({
    supervisord,
    args: (directory) => [
      ...sleeper(directory),
      ...python(supervisord, "ignores_term.py"),
    ],
    env: { SUPERVISOR_PROGRAM_STOPWAITSECS: "60" },
  });
  const { pid } = await waitForStart(run);
  await expectLines(run, / started after /);
  run.signal("SIGTERM");
  await expectLines(run, /INFO .* still stopping: 1\d s of \d.* at most/);
  signalProcess(pid, "SIGKILL");
  await expectEnd(run, 0);
}

async function install(): Promise<void> {
  await using run = new Run({
    supervisord,
    args: sleeper,
    env: (directory) => {
      const waits = `#!/bin/sh\nwhile [ ! -e "${directory}/go" ]; do sleep 0.05; done\n`;
      Deno.writeTextFileSync(`${directory}/uv`, waits, { mode: 0o755 });
      return { STANDARD_PIP_ARGS: "x", PATH: `${directory}:/usr/bin:/bin` };
    },
  });
  await expectLines(run, /INFO .* installing /, /INFO .* still installing .*: 1\d s/);
  Deno.writeTextFileSync(run.path("go"), "");
  await expectLines(run, /INFO .* installed .* in 1\d\.\d s/, / started after /);
  await stopCleanly(run);
}

/** What is over at once says nothing but its end. */
async function startAtOnce(): Promise<void> {
  await using run = new Run({ supervisord, args: sleeper });
  await expectLines(run, / started after /);
  await stopCleanly(run);
  assert(!/ loads|still/.test(run.read("stderr")), run.describe("more than was to be said"));
}

describe("a long wait", () => {
  it("is told of when it begins, after ten seconds, and when it ends", async () => {
    await settleAll([load(), drain(), install(), startAtOnce()]);
  });
});
