import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { buildArguments, buildCommand } from "../../examples/sagemaker/arguments.ts";
import { makeCommand, Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

const JSON_TEXT = '{\n  "level": 3,\n  "note": "it\'s = fine; #1"\n}\n';

describe("buildArguments()", () => {
  it("turns each variable into an option, as vLLM's script does", () => {
    assertEquals(
      buildArguments({
        PATH: "/bin",
        SM_VLLM_: "x",
        SM_VLLMS: "x",
        SM_VLLM_MODEL: "org/model",
        SM_VLLM_MAX_MODEL_LEN: "4096",
        SM_VLLM_ENFORCE_EAGER: "",
      }),
      ["--port", "8080", "--enforce-eager", "--max-model-len", "4096", "--model", "org/model"],
    );
    assertEquals(buildArguments({ SM_VLLM_PORT: "9000" }), ["--port", "9000"]);
  });

  it("handles what the script gets wrong", () => {
    const cases: [string, string, string[]][] = [
      ["TRUST_REMOTE_CODE", "true", ["--trust-remote-code"]],
      ["TRUST_REMOTE_CODE", "True", ["--trust-remote-code"]],
      ["ENABLE_PREFIX_CACHING", "false", ["--no-enable-prefix-caching"]],
      ["DISABLE_LOG_STATS", "FALSE", []],
      ["COMPILATION_CONFIG", JSON_TEXT, ["--compilation-config", JSON_TEXT]],
      ["SERVED_MODEL_NAME", " my model ", ["--served-model-name", " my model "]],
      ["API_KEY", "c2VjcmV0==", ["--api-key", "c2VjcmV0=="]],
      ["CHAT_TEMPLATE", "a\nSM_VLLM_SEED=1", ["--chat-template", "a\nSM_VLLM_SEED=1"]],
      ["SEED", "-1", ["--seed=-1"]],
    ];
    for (const [name, value, expected] of cases) {
      const [, , ...args] = buildArguments({ [`SM_VLLM_${name}`]: value });
      assertEquals(args, expected, `${name}=${value}`);
    }
  });
});

describe("buildCommand()", () => {
  it("serves for a lone serve, as for nothing, and runs other commands as they are", () => {
    const served = ["vllm", "serve", "--port", "8080"];
    assertEquals(buildCommand([], {}), served);
    assertEquals(buildCommand(["serve"], {}), served);
    assertEquals(buildCommand(["serve", "--seed", "1"], {}), [...served, "--seed", "1"]);
    assertEquals(buildCommand(["nvidia-smi", "-L"], { SM_VLLM_SEED: "1" }), ["nvidia-smi", "-L"]);
  });
});

describe("examples/sagemaker/entrypoint.ts", () => {
  const start = (args: string[], env: Record<string, string> = {}) =>
    new Run({
      supervisord: readSupervisords().at(-1)!,
      args: [],
      command: () => makeCommand(args, ["-A"], "examples/sagemaker/entrypoint.ts"),
      env,
    });

  it("answers --help, --version and --check, and starts nothing", async () => {
    const options = {
      "--help": "SM_VLLM_",
      "--version": "(Deno ",
      "--check": "[program:llm_engine]",
    };
    for (const [option, part] of Object.entries(options)) {
      await using run = start([option], { SM_VLLM_API_KEY: "hunter2" });
      assertEquals((await run.waitForEnd()).code, 0, run.describe(option));
      assert(run.read("stdout").includes(part), run.describe(option));
      assert(!run.read("stdout").includes("hunter2"), run.describe(option));
    }
  });

  it("says its errors with time and level, as text or as JSON", async () => {
    const env = { PROCESS_MAX_START_RETRIES: "many" };
    await using text = start(["serve"], env);
    assertEquals((await text.waitForEnd()).code, 1, text.describe("exit code"));
    assert(
      /^\d{4}-\S+Z CRITICAL standard-supervisor: .*PROCESS_MAX_START_RETRIES.*\n$/.test(
        text.read("stderr"),
      ),
      text.describe("text"),
    );
    await using json = start(["serve"], { ...env, LOG_FORMAT: "json" });
    assertEquals((await json.waitForEnd()).code, 1, json.describe("exit code"));
    assertEquals(JSON.parse(json.read("stderr")).level, "critical");
  });

  it("runs vllm serve under supervision, every byte of the arguments as it was", async () => {
    const supervisord = readSupervisords().at(-1)!;
    await using run = new Run({
      supervisord,
      args: [],
      command: (directory) => {
        Deno.writeTextFileSync(
          `${directory}/vllm`,
          `#!/bin/sh\nprintf '%s\\0' "$@" > "${directory}/record.new"\n` +
            `mv "${directory}/record.new" "${directory}/record"\nexec sleep 86400\n`,
          { mode: 0o755 },
        );
        const program = makeCommand(["serve"], ["-A"], "examples/sagemaker/entrypoint.ts");
        return ["/bin/sh", "-c", 'PATH=$0:$PATH; export PATH; exec "$@"', directory, ...program];
      },
      env: { SM_VLLM_COMPILATION_CONFIG: JSON_TEXT, SM_VLLM_TRUST_REMOTE_CODE: "true" },
    });
    const record = await run.waitFor(() => run.read("record") || undefined, "the engine");
    assertEquals(record.split("\0").slice(0, -1), [
      ...["serve", "--port", "8080"],
      ...["--compilation-config", JSON_TEXT, "--trust-remote-code"],
    ]);
    run.signal("SIGTERM");
    assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
    assertEquals(run.readLeft(), [], run.describe("left behind"));
  });
});
