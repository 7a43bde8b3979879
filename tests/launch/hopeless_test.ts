import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd } from "../support/ends.ts";
import { sleeper } from "../support/engines.ts";
import { FIXTURES, Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// What would fail the same way at every start ends the run at once, with its reason and without retries.

const [supervisord] = readSupervisords();

/** Three retries and what is waited before each take at least six seconds. */
const AT_ONCE_MS = 5_000;

const MISSING = "/nonexistent/standard-supervisor";

interface Case {
  readonly name: string;
  readonly env?: Record<string, string>;
  readonly args?: readonly string[];
  readonly code: number;
  /** What the message must name. */
  readonly named: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: "an unknown user",
    env: { SUPERVISOR_PROGRAM_USER: "nobody-of-that-name" },
    code: 1,
    named: ["SUPERVISOR_PROGRAM_USER", "nobody-of-that-name"],
  },
  {
    name: "a missing directory",
    env: { SUPERVISOR_PROGRAM_DIRECTORY: MISSING },
    code: 1,
    named: ["SUPERVISOR_PROGRAM_DIRECTORY", MISSING],
  },
  {
    name: "a log in a missing directory",
    env: { SUPERVISOR_PROGRAM_STDOUT_LOGFILE: `${MISSING}/out.log` },
    code: 1,
    named: ["SUPERVISOR_PROGRAM_STDOUT_LOGFILE", MISSING],
  },
  {
    name: "a log that cannot be written",
    env: { SUPERVISOR_PROGRAM_STDOUT_LOGFILE: "/proc/version" },
    code: 1,
    named: ["stdout_logfile", Deno.uid() === 0 ? "EINVAL" : "EACCES"],
  },
  {
    name: "supervisord's log that is a directory",
    env: { SUPERVISOR_SUPERVISORD_LOGFILE: "/proc" },
    code: 125,
    named: ["/proc"],
  },
  { name: "a command not found", args: [MISSING], code: 127, named: [MISSING] },
  {
    name: "a command that is no file to execute",
    args: [`${FIXTURES}/engine_api.py`],
    code: 126,
    named: ["engine_api.py"],
  },
];

describe("supervise()", () => {
  it("gives up at once on what can never work, and says why", async () => {
    await Promise.all(CASES.map(async ({ name, env, args, code, named }) => {
      await using run = new Run({
        supervisord,
        args: args ?? sleeper,
        env,
      });
      const end = await expectEnd(run, code);
      const text = run.describe(name);
      assert(end.atMs - run.spawnedMs < AT_ONCE_MS, text);
      for (const word of named) assert(run.read("stderr").includes(word), `${word}: ${text}`);
      assertEquals(run.read("starts"), "", text);
    }));
  });
});
