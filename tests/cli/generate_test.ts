import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { makeCommand, makeEnvironment } from "../support/run.ts";

// generate-supervisor-config writes a file for plain supervisord, or nothing and says why.

/** Runs it in a directory of its own. */
async function generate(
  args: (directory: string) => readonly string[],
  env: Record<string, string> = {},
) {
  const directory = Deno.makeTempDirSync({ prefix: "generate-test-" });
  try {
    const [program = "", ...rest] = makeCommand(args(directory), ["-A"], "generate_config.ts");
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: rest,
      clearEnv: true,
      env: makeEnvironment({ args: [], env }),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const files = [...Deno.readDirSync(directory)].map(({ name }) => {
      const path = `${directory}/${name}`;
      return { name, text: Deno.readTextFileSync(path), mode: Deno.statSync(path).mode! & 0o777 };
    });
    const decoder = new TextDecoder();
    return { code, files, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

const toFile = (directory: string) => [
  ...["--log-level", "INFO", "-o", `${directory}/x.conf`],
  ...["serve", "--port", "8000"],
];

describe("generateMain()", () => {
  it("writes a file that its owner alone may read, and says where", async () => {
    const { code, files, stdout, stderr } = await generate(toFile, {
      SUPERVISOR_PROGRAM_STARTSECS: "7",
    });
    assertEquals([code, stderr], [0, ""]);
    assert(/^Configuration written to: \S+\/x\.conf\n$/.test(stdout), stdout);
    const [file, ...others] = files;
    assertEquals([file?.name, file?.mode, others], ["x.conf", 0o600, []]);
    assert(/^command=serve --port 8000$/m.test(file?.text ?? ""), file?.text);
    assert(/^startsecs=7$/m.test(file?.text ?? ""), file?.text);
  });

  it("writes to a stream that is named as a file", async () => {
    const { code, files, stdout } = await generate(() => [
      ...["-o", "/dev/stdout", "serve"],
    ]);
    assertEquals([code, files], [0, []]);
    assert(stdout.includes("[program:llm_engine]") && !stdout.includes("written to"), stdout);
  });

  it("writes nothing where the environment is wrong, and names every variable", async () => {
    const { code, files, stdout, stderr } = await generate(toFile, {
      SUPERVISOR_PROGRAM_STARTSECS: "soon",
      PROCESS_MAX_START_RETRIES: "many",
    });
    assertEquals([code, files, stdout], [1, [], ""]);
    for (const name of ["SUPERVISOR_PROGRAM_STARTSECS", "PROCESS_MAX_START_RETRIES"]) {
      assert(stderr.includes(`Configuration error: `) && stderr.includes(name), stderr);
    }
  });

  it("names the variable without which an argument would not survive", async () => {
    const { code, files, stderr } = await generate((directory) => [
      ...["-o", `${directory}/x.conf`, "serve", "a\rb"],
    ]);
    assertEquals(code, 0);
    const [, name = "none"] = /supervisord needs (\w+) in its environment/.exec(stderr) ?? [];
    assert(files[0]?.text.includes(`%(ENV_${name})s`), files[0]?.text);
  });

  it("says why the file cannot be written, and what is wrong with its arguments", async () => {
    const lost = await generate(() => ["-o", "/dev/null/x.conf", "serve"]);
    assertEquals([lost.code, lost.files], [1, []]);
    assert(lost.stderr.startsWith("Cannot write /dev/null/x.conf: "), lost.stderr);
    const misused = await generate(() => ["--nope"]);
    assertEquals(misused.code, 2, misused.stderr);
    assert(misused.stderr.includes("--nope"), misused.stderr);
  });
});
