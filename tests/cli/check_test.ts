import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// --check prints the whole configuration, says what should be fixed, and refuses what a run would refuse.

const [supervisord] = readSupervisords();

async function check(argv: readonly string[], env: Record<string, string>) {
  await using run = new Run({ supervisord, args: ["--check", ...argv], env });
  const { code } = await run.waitForEnd();
  assertEquals(run.readTemporary(), [], "it leaves no file");
  return { code, stdout: run.read("stdout"), stderr: run.read("stderr") };
}

describe("--check", () => {
  it("says what has no effect, and what plain supervisord needs besides", async () => {
    const { code, stdout, stderr } = await check(["sleep", "a\rb"], {
      PROCESS_PROGRESS_TIMEOUT_SECS: "60",
      SUPERVISOR_SUPERVISORD_NODAEMON: "false",
      LOG_LEVEL: "info",
    });
    assertEquals(code, 0, stderr);
    const [, name = "none"] = /%\(ENV_(\w+)\)s/.exec(stdout) ?? [];
    for (
      const words of [
        "PROCESS_PROGRESS_TIMEOUT_SECS has no effect",
        "SUPERVISOR_SUPERVISORD_NODAEMON=false has no effect",
        `plain supervisord needs the variable ${name}`,
        `supervisord is ${supervisord?.path}`,
      ]
    ) assert(stderr.includes(words), `${words} in ${stderr}`);
  });

  it("refuses to have an engine judged that nothing is known of", async () => {
    const { code, stdout, stderr } = await check(["sleep", "1"], { PROCESS_HEALTH_URL: "auto" });
    assertEquals([code, stdout], [1, ""]);
    assert(stderr.includes("PROCESS_HEALTH_URL"), stderr);
  });
});
