import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ControlGroup, findPidsProblem } from "../support/control_group.ts";
import { stopCleanly } from "../support/ends.ts";
import { recordingEngine, waitForEvent } from "../support/engines.ts";
import { itUnless } from "../support/needs.ts";
import { signalProcess } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Workers: those of a dead engine must not be in the next one's way, and those that die behind the back of a
// server that looks well are worth a line.

const [supervisord] = readSupervisords();

const WORKERS = 40;

/** How many more processes there may be than one engine with its workers needs. */
const ROOM = 15;

describe("a limit of processes", () => {
  itUnless(findPidsProblem())(
    "does not starve the next engine: orphans are reaped before it starts",
    async () => {
      await using group = new ControlGroup("pids");
      await using run = new Run({
        supervisord,
        args: (directory) =>
          recordingEngine(supervisord!, directory, "--workers", `${WORKERS}`, "--leave-workers"),
        env: { SUPERVISOR_PROGRAM_STARTSECS: "0" },
        wrapper: group.wrapper,
      });
      const { pid } = await waitForEvent(run, "loaded");
      group.write("pids.max", Number(group.read("pids.current")) + ROOM);
      signalProcess(pid, "SIGKILL");
      const next = await waitForEvent(run, "loaded", 2);
      signalProcess(next.pid, "SIGKILL");
      await waitForEvent(run, "loaded", 3);
      await stopCleanly(run);
    },
  );
});

/** A server that forks a worker anew whenever one has died, as uvicorn does, and looks well itself. */
const HIDES_DEATHS = `
import os, time
while True:
    if os.fork() == 0:
        time.sleep(0.6)
        os._exit(1)
    os.wait()
`;

describe("a server that hides its broken workers", () => {
  it("is told of once", async () => {
    await using run = new Run({
      supervisord,
      args: [supervisord!.python, "-S", "-I", "-c", HIDES_DEATHS],
    });
    const count = () => run.read("stderr").split("its workers die again and again").length - 1;
    await run.waitFor(() => count() > 0, "the line", 60_000);
    const saidMs = performance.now();
    await run.waitFor(() => performance.now() - saidMs > 5_000, "as many deaths again");
    assertEquals(count(), 1, run.describe("how often it is said"));
    await stopCleanly(run);
  });
});
