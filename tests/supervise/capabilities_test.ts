import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { readStarts, sleeper, waitForStart } from "../support/engines.ts";
import { MOUNT_NAMESPACE_PROBLEM, reachable } from "../support/isolation.ts";
import { itUnless } from "../support/needs.ts";
import { isAlive, signalProcess } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// Root without CAP_KILL may not signal an engine that has a user of its own.

const WITHOUT_KILL = ["setpriv", "--bounding-set", "-kill", "--inh-caps", "-kill"];

const WARNING =
  /Cannot signal other users' processes: nothing of llm_engine can be (.*)killed by us/g;

function startAs(
  section: "PROGRAM" | "SUPERVISORD",
  supervisord: InstalledSupervisord,
  more: (directory: string) => Record<string, string> = () => ({}),
): Run {
  const { wrapper, env } = reachable(supervisord.python);
  return new Run({
    supervisord,
    args: sleeper,
    env: (directory) => ({
      ...{ ...env, [`SUPERVISOR_${section}_USER`]: "nobody", ...more(directory) },
    }),
    wrapper: (directory) => {
      Deno.chmodSync(directory, 0o777);
      Deno.chmodSync(`${directory}/tmp`, 0o1777);
      return [...wrapper, ...WITHOUT_KILL];
    },
  });
}

for (const supervisord of readSupervisords()) {
  describe(`Without CAP_KILL, with supervisord ${supervisord.version}`, () => {
    const itHere = itUnless(MOUNT_NAMESPACE_PROBLEM);

    itHere(
      "an engine that cannot be stopped is said to run on, at once, and it is no success",
      async () => {
        await using run = startAs("PROGRAM", supervisord);
        const { pid } = await waitForStart(run);
        await run.waitFor(() => run.read("stderr").match(WARNING), "the warning");
        signalProcess(run.findProgram()!, "SIGTERM");
        const { code } = await run.waitForEnd(5_000);
        assertEquals([code, isAlive(pid)], [1, true], run.describe("the end"));
        const said = run.read("stderr");
        assertEquals([...said.matchAll(WARNING)].map(([, what]) => what), ["stopped or "], said);
        assert(
          /stopped by SIGTERM; .* still runs: it may not be signalled \(EPERM\)/.test(said),
          said,
        );
        assert(!said.includes("was killed"), said);
      },
    );

    itHere("an engine that hangs and cannot be stopped gets no second one beside it", async () => {
      await using run = startAs("PROGRAM", supervisord, (directory) => {
        Deno.writeTextFileSync(`${directory}/well`, "");
        return {
          PROCESS_HEALTH_COMMAND: `test -e ${directory}/well`,
          PROCESS_HEALTH_PERIOD_SECS: "1",
          PROCESS_HEALTH_FAILURE_THRESHOLD: "1",
          PROCESS_HANG_GRACE_SECS: "0",
          SUPERVISOR_PROGRAM_STOPWAITSECS: "1",
        };
      });
      const { pid } = await waitForStart(run);
      await run.waitFor(() => run.read("stderr").includes(" started after "), "its start");
      Deno.removeSync(run.path("well"));
      const { code } = await run.waitForEnd(40_000);
      assertEquals([code, isAlive(pid)], [1, true], run.describe("the end"));
      assertEquals(readStarts(run).length, 1, run.describe("starts"));
    });

    itHere("an engine of supervisord's own other user is stopped", async () => {
      await using run = startAs("SUPERVISORD", supervisord);
      const { pid } = await waitForStart(run);
      await run.waitFor(() => run.read("stderr").match(WARNING), "the warning");
      signalProcess(run.findProgram()!, "SIGTERM");
      const { code } = await run.waitForEnd(5_000);
      assertEquals([code, isAlive(pid)], [0, false], run.describe("the end"));
    });
  });
}
