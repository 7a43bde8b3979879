import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { python } from "../support/engines.ts";
import { settleAll } from "../support/processes.ts";
import { Run, type RunOptions } from "../support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// What files of [include] say counts as what the environment says.

/** Says that it has started, and at SIGTERM drains for longer than the grace that only the file widens. */
const DRAINS = 'trap "sleep 6.5; echo >$0.drained; exit 0" TERM; echo >$0.started; ' +
  "while :; do sleep 0.05; done";

function drains(directory: string, name: string): string[] {
  return ["sh", "-c", DRAINS, `${directory}/${name}`];
}

async function stopRun(
  supervisord: InstalledSupervisord,
  include: string,
  options: Partial<RunOptions> & Pick<RunOptions, "args">,
): Promise<string[]> {
  await using run = new Run({
    supervisord,
    ...options,
    wrapper: (directory) => {
      Deno.writeTextFileSync(`${directory}/extra.conf`, include.replaceAll("DIRECTORY", directory));
      const script = 'SUPERVISOR_INCLUDE_FILES="$0/ex*.conf" exec "$@"';
      return ["sh", "-c", script, directory];
    },
    env: { SUPERVISOR_PROGRAM_STOPWAITSECS: "0", ...options.env },
  });
  await run.waitFor(() => run.read("slow.started") !== "", "the program that drains");
  run.signal("SIGTERM");
  const { code } = await run.waitForEnd();
  assertEquals(code, 0, run.describe("exit code"));
  assertEquals(run.readLeft(), []);
  return [...Deno.readDirSync(run.directory)].map(({ name }) => name)
    .filter((name) => name.endsWith(".drained"));
}

for (const supervisord of readSupervisords()) {
  describe(`[include] with supervisord ${supervisord.version}`, () => {
    it("gives programs and the engine the stopwaitsecs that it says", async () => {
      const results = await settleAll([
        stopRun(
          supervisord,
          `[program:slow]\ncommand=sh -c '${DRAINS}' DIRECTORY/slow\nstopwaitsecs=60\n`,
          { args: ["sleep", "600"], env: { PROCESS_CRITICAL_PROGRAMS: "slow" } },
        ),
        stopRun(supervisord, "[program:llm_engine]\nstopwaitsecs=60\n", {
          args: (directory) => drains(directory, "slow"),
        }),
      ]);
      assertEquals(results, [["slow.drained"], ["slow.drained"]]);
    });

    it("tells which programs may be called critical", async () => {
      await using run = new Run({
        supervisord,
        args: ["sleep", "600"],
        env: {
          SUPERVISOR_INCLUDE_FILES: "/run-test-nothing/*.conf",
          PROCESS_CRITICAL_PROGRAMS: "slow",
        },
      });
      assertEquals((await run.waitForEnd()).code, 1, run.describe("exit code"));
      assert(run.read("stderr").includes("PROCESS_CRITICAL_PROGRAMS"), run.describe("message"));
    });

    it("sends the output of its programs where the container's goes, and nothing of supervisord's", async () => {
      await using run = new Run({
        supervisord,
        args: ["sh", "-c", "sleep 600"],
        wrapper: (directory) => {
          const text = "[program:side]\ncommand=sh -c 'printf out; printf err >&2; sleep 600'\n" +
            "stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\n" +
            "stderr_logfile=/dev/fd/2\nstderr_logfile_maxbytes=0\n";
          Deno.writeTextFileSync(`${directory}/side.conf`, text);
          return ["/usr/bin/env", `SUPERVISOR_INCLUDE_FILES=${directory}/side.conf`];
        },
        env: { LOG_LEVEL: "critical" },
      });
      const isThere = () => run.read("stdout") === "out" && run.read("stderr") === "err";
      await run.waitFor(isThere, "the program's output");
      run.signal("SIGTERM");
      assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
      assertEquals([run.read("stdout"), run.read("stderr")], ["out", "err"]);
    });

    it("never makes supervisord restart the engine, nor run another command", async () => {
      await using run = new Run({
        supervisord,
        args: (directory) =>
          python(supervisord, "dies_at_once.py", "0", "3", `${directory}/starts`),
        wrapper: (directory) => {
          // Where patterns are cut, and what they would take for themselves.
          Deno.mkdirSync(`${directory}/a [b] *`);
          Deno.mkdirSync(`${directory}/c d`);
          Deno.writeTextFileSync(
            `${directory}/c d/extra.conf`,
            "[program:llm_engine]\nautorestart=true\nstartretries=1\ncommand=/nonexistent\n",
          );
          const script = 'TMPDIR="$0/a [b] *" SUPERVISOR_CONFIG_PATH="$0/c d/user.conf" exec "$@"';
          return ["sh", "-c", script, directory];
        },
        env: {
          EXTRA: "/run-test-nothing/*.conf extra.conf",
          SUPERVISOR_INCLUDE_FILES: "%(ENV_EXTRA)s",
          PROCESS_MAX_START_RETRIES: "0",
        },
      });
      assertEquals((await run.waitForEnd()).code, 1, run.describe("exit code"));
      assertEquals(run.readNumbers("starts").length, 2, run.describe("starts"));
      assertEquals(run.readLeft(), []);
    });
  });
}
