import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { python } from "../support/engines.ts";
import { findFrostProblem, Frost, onFreezableDevice } from "../support/frost.ts";
import { itUnless } from "../support/needs.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// An engine that hangs in a driver does not even hear SIGKILL: only a new container helps, so this one ends.

const [supervisord] = readSupervisords();
const DEVICE = "/dev/unkillable-test";

/** The grace, what a killed process gets beyond it, and the last sweep, with room for a busy machine, ms. */
const DEADLINE_MS = 45_000;

describe("an engine that cannot be killed", () => {
  itUnless(findFrostProblem())("is given up after its grace, and that is said", async () => {
    await using run = new Run({
      supervisord,
      args: (directory) => python(supervisord!, "writes_device.py", DEVICE, `${directory}/starts`),
      env: (directory) => ({
        PROCESS_HEALTH_COMMAND: `/bin/sh -c 'test ! -e ${directory}/sick'`,
        PROCESS_HEALTH_PERIOD_SECS: "1",
        PROCESS_HEALTH_FAILURE_THRESHOLD: "1",
        PROCESS_HANG_GRACE_SECS: "1",
        SUPERVISOR_PROGRAM_STOPWAITSECS: "1",
      }),
      wrapper: (directory) => onFreezableDevice(DEVICE, `${directory}/held`),
    });
    await run.waitFor(() => run.read("stderr").includes(" started after "), "the engine");
    await run.waitFor(() => run.readNumbers("starts").length > 0, "its own word");
    const [pid = 0] = run.readNumbers("starts")[0] ?? [];
    await using frost = new Frost(pid, run.path("held"));
    await run.waitFor(() => frost.isFrozen, "the engine to sleep");
    Deno.writeTextFileSync(run.path("sick"), "");
    const { code } = await run.waitForEnd(DEADLINE_MS);
    assertEquals(code, 1, run.describe("exit code"));
    const said = run.read("stderr");
    assert(
      /gave up: .* has not ended \d+ s after it was told to, not even of SIGKILL/.test(said),
      said,
    );
    assertEquals(run.readNumbers("starts").length, 1, run.describe("starts"));
  });
});
