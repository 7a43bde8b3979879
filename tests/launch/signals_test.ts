import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { engine, python, readEvents, waitForEvent } from "../support/engines.ts";
import { wallMs } from "../support/processes.ts";
import { itOfFlags } from "../support/needs.ts";
import { makeCommand, Run, type RunOptions } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Signals that Deno has plans of its own for.

const [supervisord] = readSupervisords();
assert(supervisord !== undefined);

/** Deno begins to listen to SIGUSR1 half a second after its start. */
const DEBUGGER_LISTENS_MS = 1_500;

/** Asserts that the run's program does not listen where Deno's debugger does, and that Deno is silent. */
function assertShut(run: Run): void {
  const fds = [...Deno.readDirSync(`/proc/${run.pid}/fd`)].flatMap(({ name }) => {
    try {
      return [Deno.readLinkSync(`/proc/${run.pid}/fd/${name}`)];
    } catch {
      return []; // Closed meanwhile.
    }
  });
  // 127.0.0.1:9229 that is listened to, as /proc/net/tcp writes it.
  const [, inode] = /^ *\d+: 0100007F:240D \S+ 0A(?: +\S+){5} +(\d+)/m.exec(
    Deno.readTextFileSync("/proc/net/tcp"),
  ) ?? [];
  assert(!fds.includes(`socket:[${inode}]`), run.describe("the debugger is open"));
  const noise = /Debugger listening|Failed to start inspector server/;
  assert(!noise.test(run.read("stderr")), run.describe("the debugger"));
}

/** Sends SIGUSR1 again and again over the time at which Deno begins to listen; each must reach the engine. */
async function sendUsr1(run: Run): Promise<void> {
  const count = () => readEvents(run).filter(({ event }) => event === "signal").length;
  for (let sent = 1; wallMs() - run.spawnedMs < DEBUGGER_LISTENS_MS || sent < 5; sent++) {
    run.signal("SIGUSR1");
    await run.waitFor(() => count() >= sent, `SIGUSR1 number ${sent} to reach the engine`);
  }
}

function startEngine(options: Partial<RunOptions> = {}): Run {
  return new Run({
    supervisord,
    args: (directory) => engine(supervisord!, "--record", `${directory}/record`),
    ...options,
  });
}

describe("listenToSignals()", () => {
  it("keeps SIGUSR1 from Deno's debugger, in silence, and gives it to the engine", async () => {
    await using run = startEngine();
    await waitForEvent(run, "loaded");
    await sendUsr1(run);
    assertShut(run);
    run.signal("SIGTERM");
    assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
  });

  itOfFlags(
    "keeps SIGUSR1 from Deno's debugger without a permission for the network's port",
    async () => {
      await using run = startEngine({ permissions: ["-A", "--deny-net=127.0.0.1:9229"] });
      await waitForEvent(run, "loaded");
      await sendUsr1(run);
      assertShut(run);
    },
  );

  it("keeps SIGUSR1 from the debugger of a program that asked for signals", async () => {
    await using run = startEngine({
      command: (directory) => {
        const argv = engine(supervisord!, "--record", `${directory}/record`);
        const orders = JSON.stringify({ argv, signals: "process" });
        return makeCommand([orders], ["-A"], "tests/fixtures/hosts/launches.ts");
      },
    });
    await waitForEvent(run, "loaded");
    await sendUsr1(run);
    assertShut(run);
    run.signal("SIGTERM");
    assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
  });

  itOfFlags("says that the debugger is open where nothing can keep it shut", async () => {
    await using run = startEngine({
      permissions: ["-A", "--deny-ffi", "--deny-net=127.0.0.1:9229"],
    });
    await waitForEvent(run, "loaded");
    assert(run.read("stderr").includes("SIGUSR1 opens Deno's debugger"), run.describe("warning"));
  });

  for (const signal of ["INT", "HUP", "QUIT"] as const) {
    it(`goes on to ignore SIG${signal} where it was told to, as with nohup and a shell's &`, async () => {
      await using run = startEngine({
        wrapper: ["/bin/sh", "-c", `trap '' ${signal}; exec "$@"`, "sh"],
      });
      await waitForEvent(run, "loaded");
      run.signal(`SIG${signal}`);
      // Signals of one process come in the order of their numbers, so this one is heard after it.
      run.signal("SIGUSR2");
      await run.waitFor(
        () => readEvents(run).some(({ signal }) => signal === "USR2"),
        `an engine that goes on after SIG${signal}`,
      );
      assertEquals(readEvents(run).some(({ event }) => event === "term"), false);
      run.signal("SIGTERM");
      assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
    });

    it(`hands an ignored SIG${signal} over in a direct launch`, async () => {
      const show = "import signal,sys; print(signal.getsignal(signal.SIG" + signal + ").name)";
      await using run = new Run({
        args: [...python(supervisord!, "x").slice(0, 3), "-c", show],
        env: { PROCESS_AUTO_RECOVERY: "false" },
        wrapper: ["/bin/sh", "-c", `trap '' ${signal}; exec "$@"`, "sh"],
      });
      assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
      assertEquals(run.read("stdout"), "SIG_IGN\n");
    });
  }
});
