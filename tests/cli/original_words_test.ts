import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// What scripts written for the Python package look for: its words, its program's name, its paths.

const SUPERVISORDS = readSupervisords();
const supervisord = SUPERVISORDS.at(-1)!;

type Env = Record<string, string>;

const MESSAGES: readonly (readonly [words: string, args: string[], env: Env, code: number])[] = [
  ["No launch command provided", [], {}, 1],
  ["Configuration error", ["true"], { PROCESS_MAX_START_RETRIES: "many" }, 1],
  ["Configuration error", ["true"], { SUPERVISOR_PROGRAM_STARTSECS: "soon" }, 1],
  ["No such file or directory", ["no-such-engine"], {}, 127],
  ["No such file or directory", ["/no/such/engine"], {}, 127],
  ["No such file or directory", ["no-such-engine"], { PROCESS_AUTO_RECOVERY: "false" }, 127],
];

describe("main()", () => {
  it("says what the original says where it refuses", async () => {
    for (const [words, args, env, code] of MESSAGES) {
      await using run = new Run({ supervisord, args, env });
      assertEquals((await run.waitForEnd()).code, code, run.describe(words));
      assert(run.read("stderr").includes(words), run.describe(words));
    }
  });

  it("prints a version that tells it from the original", async () => {
    await using run = new Run({ args: ["--version"] });
    assertEquals((await run.waitForEnd()).code, 0);
    assertEquals(
      run.read("stdout").replaceAll(/\d+\.\d+\.\d+/g, "N"),
      "standard-supervisor N (Deno N)\n",
    );
  });
});

const NAMED: readonly (readonly [title: string, env: Env, name: string])[] = [
  ["by nothing", {}, "llm_engine"],
  ["as APP", { SUPERVISOR_PROGRAM__APP_STARTSECS: "2" }, "app"],
  ["as APP in a group", { SUPERVISOR_GROUP__ALL_PROGRAMS: "app" }, "all:app"],
  ["as both", {
    SUPERVISOR_PROGRAM__APP_STARTSECS: "2",
    SUPERVISOR_PROGRAM__LLM_ENGINE_STOPWAITSECS: "2",
  }, "llm_engine"],
  ["by PROCESS_PROGRAM_NAME", {
    PROCESS_PROGRAM_NAME: "serving",
    SUPERVISOR_PROGRAM__APP_STARTSECS: "2",
  }, "serving"],
];

for (const supervisord of SUPERVISORDS) {
  describe(`the engine's program with supervisord ${supervisord.version}`, () => {
    for (const [title, env, name] of NAMED) {
      it(`is called ${name} where it is addressed ${title}`, async () => {
        await using run = new Run({
          supervisord,
          args: ["sh", "-c", "echo started; exec sleep 600"],
          wrapper: (directory) => ["/usr/bin/env", `SUPERVISOR_CONFIG_PATH=${directory}/file.conf`],
          env,
        });
        await run.waitFor(() => run.read("stdout") === "started\n", "the engine");
        const path = run.path("file.conf");
        const supervisorctl = supervisord.path.replace(/supervisord$/, "supervisorctl");
        const { stdout } = await new Deno.Command(supervisorctl, { args: ["-c", path, "status"] })
          .output();
        assertEquals(new TextDecoder().decode(stdout).split(/\s/)[0], name);
        const text = run.read("file.conf");
        assert(text.includes(`[program:${name.replace("all:", "")}]`), text);
        assert(/^stdout_logfile=\/dev\/stdout$/m.test(text), text);
        assert(/^stderr_logfile=\/dev\/stderr$/m.test(text), text);
        // `supervisorctl clear` unlinks what supervisord's own copy names.
        const [own = ""] = run.readTemporary();
        assert(!run.read(`tmp/${own}/supervisord.conf`).includes("logfile=/dev/std"), own);
        run.signal("SIGTERM");
        assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
      });
    }
  });
}
