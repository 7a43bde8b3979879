import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ControlGroup, findPidsProblem } from "../support/control_group.ts";
import { stopCleanly } from "../support/ends.ts";
import { itUnless } from "../support/needs.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Workers: those of a dead engine must not be in the next one's way, and those that die behind the back of a
// server that looks well are worth a line.

const [supervisord] = readSupervisords();

/**
 * Forks its workers in its first moment. The first one leaves them: it dies when it is told to, right after an
 * orphan of its own has ended, so that nobody looks for zombies again so soon.
 */
const FORKS_AT_ONCE = `
import os, signal, sys, time
for _ in range(60):
    if os.fork() == 0: time.sleep(1000)
up, go = sys.argv[1:]
with open(up, "a") as file: file.write("%d\\n" % os.getpid())
while not os.path.exists(go): time.sleep(0.005)
os.unlink(go)
if os.fork() == 0:
    if os.fork() == 0: os._exit(0)
    os._exit(0)
os.wait()
time.sleep(0.02)
os.kill(os.getpid(), signal.SIGKILL)
`;

/** How many more processes there may be than one engine with its workers needs. */
const ROOM = 15;

describe("a limit of processes", () => {
  itUnless(findPidsProblem())(
    "does not starve the next engine: orphans are reaped before it starts",
    async () => {
      await using group = new ControlGroup("pids");
      await using run = new Run({
        supervisord,
        args: (directory) => [
          ...[supervisord!.python, "-S", "-I", "-c", FORKS_AT_ONCE],
          ...[`${directory}/up`, `${directory}/go`],
        ],
        env: { SUPERVISOR_PROGRAM_STARTSECS: "0", PROCESS_MAX_RECOVERY_ATTEMPTS: "1" },
        wrapper: group.wrapper,
      });
      await run.waitFor(() => run.readNumbers("up")[0], "the engine");
      group.write("pids.max", Number(group.read("pids.current")) + ROOM);
      Deno.writeTextFileSync(run.path("go"), "");
      await run.waitFor(() => run.readNumbers("up")[1], "the next engine with all its workers");
      await stopCleanly(run);
    },
  );
});

/** A server that forks a worker again whenever one has died, as uvicorn does, and looks well itself. */
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
