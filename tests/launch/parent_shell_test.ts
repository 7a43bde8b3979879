import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AS_PID_1, PID_NAMESPACE_PROBLEM } from "../support/isolation.ts";
import { settleAll } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// CMD in its shell form: sh is PID 1 and passes no signal on.

const [supervisord] = readSupervisords();

const test = PID_NAMESPACE_PROBLEM === undefined ? it : it.skip;

describe("warnOfParentShell()", () => {
  test(
    `warns where a shell is PID 1, with the fix, and nowhere else (${
      PID_NAMESPACE_PROBLEM ?? "as root"
    })`,
    async () => {
      const cases: [string, readonly string[], boolean][] = [
        ["the shell form", [...AS_PID_1, "/bin/sh", "-c", '"$@"; exit $?', "sh"], true],
        ["exec", [...AS_PID_1, "/bin/sh", "-c", 'exec "$@"', "sh"], false],
        ["an init", [
          ...AS_PID_1,
          "/usr/bin/python3",
          "-c",
          "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))",
        ], false],
        ["a shell that is not PID 1", ["/bin/sh", "-c", '"$@"; exit $?', "sh"], false],
      ];
      await settleAll(cases.map(async ([title, wrapper, warns]) => {
        await using run = new Run({
          supervisord,
          args: ["true"],
          env: { SUPERVISOR_PROGRAM_AUTORESTART: "false", SUPERVISOR_PROGRAM_STARTSECS: "0" },
          wrapper,
        });
        assertEquals((await run.waitForEnd()).code, 0, run.describe(title));
        const said = run.read("stderr");
        assertEquals(
          [said.includes("PID 1 is a shell"), said.includes("Put exec before")],
          [warns, warns],
          run.describe(title),
        );
      }));
    },
  );
});
