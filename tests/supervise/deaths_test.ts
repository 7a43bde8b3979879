import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ControlGroup, findMemoryProblem } from "../support/control_group.ts";
import { itUnless } from "../support/needs.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Deaths that look like others: by the OOM killer, and of an engine that only went into the background.

/** Far more than standard-supervisor and supervisord take together, bytes. */
const LIMIT_BYTES = 400 * 1024 * 1024;

/** Takes memory once it has been up for a while, in pieces, until it is killed. */
const GREEDY =
  "import time\ntime.sleep(1.5)\nheld = []\nwhile True: held.append(bytearray(1 << 24))";

/** A daemon(3) as nginx and gunicorn have it: two forks, a session of its own, no output. */
const DAEMON = `
import os, sys, time
with open(sys.argv[1], "a") as starts: starts.write("%d %d\\n" % (time.time_ns(), os.getpid()))
if os.fork() > 0:
    time.sleep(float(sys.argv[2]))
    os._exit(0)
time.sleep(float(sys.argv[3]))
os.setsid()
null = os.open("/dev/null", os.O_RDWR)
for number in (0, 1, 2): os.dup2(null, number)
time.sleep(1000)`;

for (const supervisord of readSupervisords()) {
  describe(`supervise() with supervisord ${supervisord.version}`, () => {
    itUnless(findMemoryProblem())("tells the OOM killer from others", async () => {
      await using group = new ControlGroup("memory");
      group.write("memory.limit_in_bytes", LIMIT_BYTES);
      const start = (code: string, wrapper: readonly string[]) =>
        new Run({
          supervisord,
          args: [supervisord.python, "-S", "-I", "-c", code],
          env: { PROCESS_MAX_RECOVERY_ATTEMPTS: "0" },
          wrapper,
        });
      {
        await using greedy = start(GREEDY, group.wrapper);
        assertEquals((await greedy.waitForEnd()).code, 1, greedy.describe("exit code"));
        assert(
          /SIGKILL by the kernel's OOM killer/.test(greedy.read("stderr")),
          greedy.describe(""),
        );
      }
      const kill = "import os, time\ntime.sleep(1.5)\nos.kill(os.getpid(), 9)";
      await using killed = start(kill, group.wrapper);
      assertEquals((await killed.waitForEnd()).code, 1, killed.describe("exit code"));
      const said = killed.read("stderr");
      assert(said.includes("SIGKILL") && !said.includes("OOM"), killed.describe("a mere SIGKILL"));
    });

    it("does not retry an engine that put itself into the background, and says so", async () => {
      for (const [wait, late] of [["0", "0"], ["0.3", "0"], ["0.3", "0.35"]] as const) {
        await using run = new Run({
          supervisord,
          args: (directory) => [
            ...[supervisord.python, "-S", "-I", "-c", DAEMON],
            ...[`${directory}/starts`, wait, late],
          ],
        });
        const { code } = await run.waitForEnd();
        const text = run.describe(`ended after ${wait} s, let go after ${late} s`);
        assertEquals(
          { code, starts: run.readNumbers("starts").length },
          { code: 1, starts: 1 },
          text,
        );
        assert(/put itself into the background/.test(run.read("stderr")), text);
        assertEquals(run.readLeft(), [], text);
      }
    });

    it("names the flag that keeps a known server in the foreground", async () => {
      await using run = new Run({
        supervisord,
        args: (directory) => {
          Deno.writeTextFileSync(`${directory}/nginx`, `#!${supervisord.python} -SI\n${DAEMON}`);
          Deno.chmodSync(`${directory}/nginx`, 0o755);
          return [`${directory}/nginx`, `${directory}/starts`, "0", "0"];
        },
      });
      assertEquals((await run.waitForEnd()).code, 1, run.describe("exit code"));
      assertEquals(run.readNumbers("starts").length, 1, run.describe("starts"));
      assert(run.read("stderr").includes("daemon off;"), run.describe("the hint"));
    });

    it("still recovers an engine that ended with 0 and left workers of its own", async () => {
      const leaves = DAEMON.replace(/null = [\s\S]*number\)\n/, "");
      await using run = new Run({
        supervisord,
        args: (directory) => [
          ...[supervisord.python, "-S", "-I", "-c", leaves],
          ...[`${directory}/starts`, "1.2", "0"],
        ],
        env: { PROCESS_MAX_RECOVERY_ATTEMPTS: "1" },
      });
      assertEquals((await run.waitForEnd()).code, 1, run.describe("exit code"));
      assertEquals(run.readNumbers("starts").length, 2, run.describe("starts"));
      assertEquals(run.readLeft(), [], run.describe("left"));
    });
  });
}
