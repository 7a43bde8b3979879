import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { makeCommand, Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

const supervisord = readSupervisords().at(-1)!;

/** A run of one of the examples. */
function example(
  name: string,
  args: (directory: string) => readonly string[],
  env: (directory: string) => Record<string, string> = () => ({}),
): Run {
  return new Run({
    supervisord,
    args: [],
    command: (directory) => [
      ...["env", ...Object.entries(env(directory)).map(([name, value]) => `${name}=${value}`)],
      ...makeCommand(args(directory), ["-A"], `examples/library/${name}`),
    ],
  });
}

describe("examples/library/render.ts", () => {
  it("writes what the environment asks for, and nothing where it is wrong", async () => {
    await using run = example(
      "render.ts",
      (directory) => [`${directory}/made.conf`, "vllm", "serve", "it's"],
      () => ({ PROCESS_MAX_START_RETRIES: "5" }),
    );
    assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
    assert(/^startretries=5$/m.test(run.read("made.conf")), run.read("made.conf"));
    await using refused = example(
      "render.ts",
      (directory) => [`${directory}/made.conf`, "true"],
      () => ({ PROCESS_MAX_START_RETRIES: "many" }),
    );
    assertEquals((await refused.waitForEnd()).code, 1, refused.describe("exit code"));
    assert(refused.read("stderr").startsWith("PROCESS_MAX_START_RETRIES: "));
    assertEquals(refused.read("made.conf"), "");
  });
});

describe("examples/library/supervise.ts", () => {
  it("tells of a crash and the recovery, and stops in time", async () => {
    // The first engine crashes once it has started, the second goes on.
    const script =
      'mkdir "$0" 2>/dev/null && { sleep 1.2; kill -SEGV $$; }; echo on; exec sleep 1000';
    await using run = example(
      "supervise.ts",
      (directory) => ["6", "sh", "-c", script, `${directory}/first`],
    );
    assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
    const events = run.read("stdout").trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(events.map(({ kind }) => kind), [
      ...["spawned", "started", "died", "swept", "spawned", "recovered"],
      ...["stopping", "stopped"],
    ], run.describe("events"));
    assertEquals(events[2].exit, { kind: "signal", signal: "SIGSEGV" });
    assertEquals(events.at(-1).outcome.kind, "stopped");
    assert(run.read("stderr").includes("on\n"), run.describe("the engine's output"));
    assert(run.read("stderr").includes('now: {"phase":"serving"'), run.describe("the status"));
    assertEquals(run.readLeft(), [], run.describe("left behind"));
  });
});

describe("examples/library/entrypoint.ts", () => {
  const model = (directory: string) => ({ SAGEMAKER_MODEL_PATH: `${directory}/model` });

  it("waits for the model, runs the command, and ends as it should", async () => {
    await using run = example("entrypoint.ts", () => ["sh", "-c", "exit 7"], (directory) => ({
      ...model(directory),
      SUPERVISOR_PROGRAM_AUTORESTART: "false",
    }));
    await run.waitFor(
      () => Deno.readTextFileSync(`/proc/${run.pid}/cmdline`).includes("entrypoint.ts"),
      "the entrypoint",
    );
    assertEquals(run.end, undefined);
    Deno.mkdirSync(run.path("model"));
    assertEquals((await run.waitForEnd()).code, 7, run.describe("exit code"));
    assertEquals(run.readLeft(), [], run.describe("left behind"));
  });

  it("ends at a signal while it waits, and while the engine serves", async () => {
    await using waiting = example("entrypoint.ts", () => ["sleep", "1000"], model);
    // Signals are caught from the first line on. Deno catches SIGTERM before, but not SIGUSR2: bit 11.
    await waiting.waitFor(() => {
      if (!Deno.readTextFileSync(`/proc/${waiting.pid}/cmdline`).includes("entrypoint.ts")) return;
      const status = Deno.readTextFileSync(`/proc/${waiting.pid}/status`);
      const caught = BigInt(`0x${/^SigCgt:\s*(\S+)/m.exec(status)?.[1]}`);
      return (caught >> 11n & 1n) === 1n;
    }, "the entrypoint to listen");
    waiting.signal("SIGTERM");
    assertEquals((await waiting.waitForEnd()).code, 0, waiting.describe("exit code"));

    await using serving = example("entrypoint.ts", () => ["sleep", "1000"], model);
    Deno.mkdirSync(serving.path("model"));
    await serving.waitFor(
      () => serving.readLeft().some(({ command }) => command === "sleep 1000"),
      "the engine",
    );
    serving.signal("SIGTERM");
    assertEquals((await serving.waitForEnd()).code, 0, serving.describe("exit code"));
    assertEquals(serving.readLeft(), [], serving.describe("left behind"));
  });
});
