import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { signalProcess } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Where supervisord is looked for when neither SUPERVISORD_PATH nor PATH names it.

const PROGRAM = "import os, sys, time\nopen(sys.argv[1], 'a').write('%d\\n' % os.getpid())\n" +
  "time.sleep(600)\n";

for (const supervisord of readSupervisords()) {
  describe(`findSupervisord() with supervisord ${supervisord.version}`, () => {
    const commands: [title: string, make: (directory: string) => string[]][] = [
      ["the Python that runs the engine", (directory) => [
        supervisord.python,
        `${directory}/program`,
      ]],
      ["the Python that a script's #! line names", (directory) => [`${directory}/program`]],
    ];
    for (const [title, make] of commands) {
      it(`finds it beside ${title}, off PATH`, async () => {
        await using run = new Run({
          args: (directory) => {
            Deno.mkdirSync(`${directory}/path`);
            const text = `#!${supervisord.python}\n${PROGRAM}`;
            Deno.writeTextFileSync(`${directory}/program`, text, { mode: 0o755 });
            return [...make(directory), `${directory}/starts`];
          },
          wrapper: (directory) => ["/usr/bin/env", `PATH=${directory}/path`],
        });
        await run.waitFor(() => run.readNumbers("starts")[0], "the engine's start");
        signalProcess(run.findProgram() ?? 0, "SIGTERM");
        assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
        assertEquals(run.readLeft(), []);
      });
    }
  });
}
