import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { makeCommand, Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// deno run raises its own soft limit of open files to the hard one; the engine gets what we were given.

/** Becomes a shell that lowers its soft limit and stays our parent, as an init of a container does. */
const parent = (soft: number) => [
  "/bin/sh",
  "-c",
  `ulimit -Sn ${soft}; ulimit -Hn 4096; "$@"; exit $?`,
  "sh",
];

const SHOW = ["sh", "-c", "ulimit -Sn; ulimit -Hn"];
const ONCE = { SUPERVISOR_PROGRAM_AUTORESTART: "false", SUPERVISOR_PROGRAM_EXITCODES: "0" };

for (const supervisord of readSupervisords()) {
  describe(`readGivenOpenFiles() with supervisord ${supervisord.version}`, () => {
    for (const soft of [256, 1500]) {
      it(`gives a supervised engine the ${soft} that we were given`, async () => {
        await using run = new Run({ supervisord, args: SHOW, env: ONCE, wrapper: parent(soft) });
        assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
        assertEquals(run.read("stdout"), `${soft}\n4096\n`, run.describe("limits"));
      });

      it(`gives an engine in our place, or as a child, the ${soft} that we were given`, async () => {
        const env = { PROCESS_AUTO_RECOVERY: "false" };
        const orders = JSON.stringify({ argv: SHOW });
        const host = () => makeCommand([orders], ["-A"], "tests/fixtures/hosts/launches.ts");
        await using replaced = new Run({ args: SHOW, env, wrapper: parent(soft) });
        await using child = new Run({ args: [], command: host, env, wrapper: parent(soft) });
        for (const run of [replaced, child]) {
          assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
          assertEquals(run.read("stdout").split("\n").slice(0, 2), [`${soft}`, "4096"]);
        }
      });
    }

    it("leaves a limit that somebody raised on purpose before us", async () => {
      const raised = 'ulimit -n 4096; sh -c \'ulimit -n 3000; exec "$@"\' sh "$@"; exit $?';
      const wrapper = ["/bin/sh", "-c", raised, "sh"];
      await using run = new Run({ supervisord, args: SHOW, env: ONCE, wrapper });
      assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
      assertEquals(run.read("stdout"), "3000\n3000\n", run.describe("limits"));
    });
  });
}
