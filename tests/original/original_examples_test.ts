import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { generateConfig } from "../../src/document/generate.ts";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import { isThere } from "../support/files.ts";
import { makeCommand, Run } from "../support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// Every example of the original's supervisor README (version 0.1.16), run by a shell as it stands there. Engines that
// it names are stand-ins on PATH, which record their arguments and then serve indefinitely.

interface Example {
  /** Where it stands, and what it shows. */
  readonly title: string;
  /** As typed, or as a Dockerfile's ENTRYPOINT and CMD make it. */
  readonly command: string;
  /** `ENV`, `export` or `docker run -e`. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the engine gets, where it is not all of the command's words after the first. */
  readonly engine?: readonly string[];
  /** Lines of the configuration that the variables are for. */
  readonly lines?: readonly string[];
  /** The exit code after SIGTERM. @default {0} */
  readonly code?: number;
}

const SERVE = "standard-supervisor vllm serve model --host 0.0.0.0 --port 8080";

const COMMANDS: readonly Example[] = [
  { title: "Quick Setup 2, CMD; Framework-Specific, basic vLLM server", command: SERVE },
  {
    title: "Quick Setup 3 and Entrypoint Style, ENTRYPOINT with CMD",
    command: SERVE,
    env: { PROCESS_MAX_START_RETRIES: "5", LOG_LEVEL: "info" },
    lines: ["startretries=5", "loglevel=info"],
  },
  {
    title: "Basic vLLM Example",
    command:
      "standard-supervisor vllm serve TinyLlama/TinyLlama-1.1B-Chat-v1.0 --host 0.0.0.0 --port 8080 --dtype auto",
  },
  {
    title: "TensorRT-LLM Example; TensorRT-LLM API server",
    command: "standard-supervisor python -m tensorrt_llm.hlapi.llm_api --host 0.0.0.0 --port 8080",
  },
  {
    title: "Advanced Configuration Example",
    command: SERVE,
    env: {
      PROCESS_MAX_START_RETRIES: "5",
      LOG_LEVEL: "debug",
      SUPERVISOR_PROGRAM__APP_STARTSECS: "30",
      SUPERVISOR_PROGRAM__APP_STARTRETRIES: "5",
    },
    lines: ["loglevel=debug", "startsecs=30", "startretries=5"],
  },
  {
    title: "SageMaker Integration with Custom Script",
    command: "standard-supervisor ./sagemaker-entrypoint.sh",
    env: { PROCESS_MAX_START_RETRIES: "3", PROCESS_AUTO_RECOVERY: "true" },
    lines: ["startretries=3", "autorestart=true"],
  },
  {
    title: "vLLM with specific model and parameters",
    command:
      "standard-supervisor vllm serve microsoft/DialoGPT-medium --host 0.0.0.0 --port 8080 --dtype auto --max-model-len 2048",
  },
  {
    title: "vLLM with OpenAI-compatible API",
    command:
      "standard-supervisor python -m vllm.entrypoints.openai.api_server --model model --host 0.0.0.0 --port 8080",
  },
  {
    title: "TensorRT-LLM with custom model path",
    command:
      "standard-supervisor python -m tensorrt_llm.hlapi.llm_api --model-dir /opt/model --host 0.0.0.0 --port 8080",
  },
  {
    title: "Your custom ML serving script",
    command: "standard-supervisor python my_model_server.py --port 8080",
  },
  {
    title: "FastAPI application",
    command: "standard-supervisor uvicorn app:app --host 0.0.0.0 --port 8080",
  },
  { title: "Any other command", command: "standard-supervisor ./my-custom-entrypoint.sh" },
];

const ENVIRONMENTS: readonly Example[] = [
  {
    title: "Application-Level Configuration; Process keeps restarting",
    env: { PROCESS_AUTO_RECOVERY: "false", PROCESS_MAX_START_RETRIES: "3", LOG_LEVEL: "info" },
    lines: ["autorestart=false", "startretries=3", "loglevel=info"],
    code: 143, // The engine itself is the container's process, as with the original.
  },
  {
    title: "Advanced SUPERVISOR_* Configuration",
    env: {
      SUPERVISOR_PROGRAM__APP_STARTSECS: "10",
      SUPERVISOR_PROGRAM__APP_STOPWAITSECS: "30",
      SUPERVISOR_PROGRAM__APP_AUTORESTART: "unexpected",
      SUPERVISOR_SUPERVISORD_LOGLEVEL: "debug",
      SUPERVISOR_SUPERVISORD_LOGFILE: "/tmp/supervisord.log",
      SUPERVISOR_UNIX_HTTP_SERVER_FILE: "/tmp/supervisor.sock",
    },
    lines: [
      "startsecs=10",
      "stopwaitsecs=30",
      "autorestart=unexpected",
      "loglevel=debug",
      "logfile=/tmp/supervisord.log",
      "file=/tmp/supervisor.sock",
    ],
  },
  {
    title: "High availability setup with more retries",
    env: {
      PROCESS_MAX_START_RETRIES: "10",
      SUPERVISOR_PROGRAM__APP_STARTSECS: "30",
      SUPERVISOR_PROGRAM__APP_STARTRETRIES: "10",
    },
    lines: ["startsecs=30", "startretries=10"],
  },
  {
    title: "Debug mode with verbose logging",
    env: { LOG_LEVEL: "debug", SUPERVISOR_SUPERVISORD_LOGLEVEL: "debug" },
    lines: ["loglevel=debug"],
  },
  {
    title: "Quick restart for development",
    env: {
      SUPERVISOR_PROGRAM__APP_STARTSECS: "1",
      SUPERVISOR_PROGRAM__APP_STOPWAITSECS: "5",
      SUPERVISOR_PROGRAM__APP_STARTRETRIES: "1",
    },
    lines: ["startsecs=1", "stopwaitsecs=5", "startretries=1"],
  },
  {
    title: "Enable auto-recovery for production",
    env: { PROCESS_AUTO_RECOVERY: "true", PROCESS_MAX_START_RETRIES: "3" },
    lines: ["autorestart=true", "startretries=3"],
  },
  {
    title: "Runtime Override, -e PROCESS_MAX_START_RETRIES=5",
    env: { PROCESS_MAX_START_RETRIES: "5" },
    lines: ["startretries=5"],
  },
  {
    title: "Runtime Override, multiple settings",
    env: { PROCESS_MAX_START_RETRIES: "10", PROCESS_AUTO_RECOVERY: "true", LOG_LEVEL: "debug" },
    lines: ["startretries=10", "autorestart=true", "loglevel=debug"],
  },
  {
    title: "Runtime Override, direct supervisord configuration",
    env: {
      SUPERVISOR_PROGRAM__APP_STARTSECS: "30",
      SUPERVISOR_PROGRAM__APP_STARTRETRIES: "5",
      SUPERVISOR_SUPERVISORD_LOGLEVEL: "debug",
    },
    lines: ["startsecs=30", "startretries=5", "loglevel=debug"],
  },
  { title: "Dependencies, switched off", env: { STANDARD_AUTO_INSTALL_REQ: "false" } },
].map((example) => ({ command: SERVE, ...example }));

const ENGINES = ["vllm", "python", "uvicorn", "sagemaker-entrypoint.sh", "my-custom-entrypoint.sh"];

/** Records its arguments, a line each, then serves. */
const ENGINE = `#!/bin/sh
printf '%s\\n' "$0" "$@" > "$ENGINE_RECORD.new"
mv "$ENGINE_RECORD.new" "$ENGINE_RECORD"
exec sleep 86400
`;

function quote(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}

/** A shell that runs a documented command in a directory with all that it names. */
function runDocumented(
  supervisord: InstalledSupervisord,
  { command, env }: Example,
  programs: Readonly<Record<string, string>> = {},
): Run {
  return new Run({
    supervisord,
    args: [],
    command: (directory) => {
      const executable = { mode: 0o755 };
      for (const name of ENGINES) {
        Deno.writeTextFileSync(`${directory}/${name}`, ENGINE, executable);
      }
      for (const [name, text] of Object.entries(programs)) {
        Deno.writeTextFileSync(`${directory}/${name}`, text, executable);
      }
      Deno.writeTextFileSync(
        `${directory}/standard-supervisor`,
        `#!/bin/sh\nexec ${makeCommand([]).map(quote).join(" ")} "$@"\n`,
        executable,
      );
      const setUp =
        `cd ${quote(directory)}; PATH=.:$PATH ENGINE_RECORD=${quote(`${directory}/record`)}; ` +
        "export PATH ENGINE_RECORD; exec ";
      return ["/bin/sh", "-c", setUp + command];
    },
    ...(env === undefined ? {} : { env }),
  });
}

async function runExample(supervisord: InstalledSupervisord, example: Example): Promise<void> {
  const files = ["/tmp/supervisord.log", "/tmp/supervisor.sock"].filter((path) => !isThere(path));
  const [, ...expected] = example.command.split(" ");
  const { text } = generateConfig(example.env ?? {}, expected);
  const lines = text.split("\n");
  assertEquals(example.lines?.filter((line) => !lines.includes(line)) ?? [], [], text);

  await using run = runDocumented(supervisord, example);
  const record = await run.waitFor(() => run.read("record") || undefined, "the engine");
  const [program = "", ...args] = record.split("\n").slice(0, -1);
  assertEquals([program.replace(/^.*\//, ""), ...args], [
    expected[0]?.replace("./", ""),
    ...expected.slice(1),
  ]);
  const isWriting = () => run.readLeft().some(({ command }) => command.startsWith("mv "));
  await run.waitFor(() => !isWriting(), "the record to be written");
  run.signal("SIGTERM");
  await expectEnd(run, example.code ?? 0);
  for (const path of files) if (isThere(path)) Deno.removeSync(path);
}

const supervisord = readSupervisords().at(-1)!;

describe("the original's documented examples", () => {
  for (const example of [...COMMANDS, ...ENVIRONMENTS]) {
    it(`run unchanged: ${example.title}`, () => runExample(supervisord, example));
  }

  it("run unchanged: explicit pip arguments", async () => {
    await using run = runDocumented(supervisord, {
      title: "",
      command: SERVE,
      env: {
        STANDARD_PIP_ARGS: "-r /custom/path/requirements.txt --index-url https://my-index/simple",
      },
    }, { uv: `#!/bin/sh\nprintf '%s\\n' "$@" > "$ENGINE_RECORD.uv"\n` });
    await run.waitFor(() => run.read("record") || undefined, "the engine");
    const [pip, install, option, python, ...rest] = run.read("record.uv").split("\n");
    assertEquals([pip, install, option], ["pip", "install", "--python"]);
    assert(python?.endsWith("/python3"), python);
    assertEquals(
      rest.join(" ").trim(),
      "-r /custom/path/requirements.txt --index-url https://my-index/simple",
    );
    await stopCleanly(run);
  });

  it("end with 1 once the restart limit is exceeded", async () => {
    await using run = runDocumented(supervisord, {
      title: "",
      command: SERVE,
      env: { PROCESS_MAX_START_RETRIES: "1" },
    }, { vllm: '#!/bin/sh\necho >> "$ENGINE_RECORD"\nexit 0\n' });
    await expectEnd(run, 1);
    assertEquals(run.read("record").length, 2, run.describe("starts"));
  });

  it("end with 1 without a command", async () => {
    await using run = runDocumented(supervisord, { title: "", command: "standard-supervisor" });
    await expectEnd(run, 1);
  });
});
