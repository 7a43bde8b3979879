/** The images of `examples/`, each with its engine, or a stand-in for it. */
import { assert, assertEquals } from "@std/assert";
import { type Case, engineCommand } from "../case.ts";
import { type Container, inspect } from "../container.ts";
import type { ImageMaker } from "../images.ts";
import { mustPodman } from "../podman.ts";
import { killEngine } from "./crashes.ts";

/** One example. */
export interface Example {
  /** `examples/NAME.Dockerfile`. */
  readonly name: string;
  readonly base: keyof ImageMaker["bases"];
  /** What of its container is tried beside the crash. */
  readonly options?: readonly string[];
  /** What follows the image's name; the stand-in engine's whole command by default. */
  readonly command?: (port: number) => readonly string[];
  /** What the container's log says of supervisord or of a banner. */
  readonly log?: RegExp;
}

const port = (port: number) => ["--port", `${port}`];
const HARDENED = ["--read-only", "--read-only-tmpfs=false", "--tmpfs", "/tmp", "--cap-drop", "ALL"];
const EMBEDDED = /no supervisord is installed/;

export const EXAMPLES: readonly Example[] = [
  { name: "docker/debian", base: "debian" },
  { name: "docker/python", base: "python", options: HARDENED },
  {
    name: "docker/venv",
    base: "python",
    command: (port) => ["/opt/venv/bin/serve", "--port", `${port}`],
  },
  {
    name: "docker/one_line",
    base: "python",
    options: [...HARDENED, "--user", "12345:12345", "--passwd=false"],
    log: EMBEDDED,
  },
  { name: "docker/vllm", base: "vllm", command: port },
  { name: "docker/sglang", base: "engine", command: port, log: EMBEDDED },
  {
    name: "docker/tensorrt_llm",
    base: "engine",
    command: (port) => ["standard-supervisor", "trtllm-serve", "model", "--port", `${port}`],
    log: /== a banner ==/,
  },
  { name: "docker/tgi", base: "engine", command: port, log: EMBEDDED },
  { name: "docker/llama_cpp", base: "engine", command: port },
  {
    name: "sagemaker/script",
    base: "vllm",
    command: (port) => ["serve", "--port", `${port}`],
  },
];

/** Asks podman to run the image's HEALTHCHECK, where it has one and the program knows how. */
async function checkHealth(container: Container): Promise<void> {
  if (await inspect(container.id, "Config.Healthcheck") === "<nil>") return;
  const help = await container.exec("standard-supervisor --help");
  if (!help.includes("--health")) return;
  await mustPodman(["healthcheck", "run", container.id]);
}

/** The image's CMD is one that standard-supervisor takes, where it has one. */
async function checkCommand(container: Container): Promise<void> {
  const image = await inspect(container.id, "Image");
  const text = await mustPodman(["image", "inspect", "--format", "{{json .Config.Cmd}}", image]);
  const command: string[] = JSON.parse(text) ?? [];
  if (command.length === 0) return;
  const words = command[0] === "standard-supervisor" ? command.slice(1) : command;
  await mustPodman(["exec", container.id, "standard-supervisor", "--check", ...words]);
}

/** The example as a case: a crash, then a stop. */
export function exampleCase({ name, options, command, log }: Example): Case {
  return {
    name: `\`${name}.Dockerfile\`${
      options === undefined ? "" : ", `" + options.join(" ") + "`"
    }; a crash`,
    ...(options === undefined ? {} : { options }),
    env: (port) => ({
      PROCESS_HEALTH_URL: `http://127.0.0.1:${port}/health`,
      PROCESS_HEALTH_PERIOD_SECS: "1",
    }),
    command: command ?? ((port) => engineCommand(port)),
    act: killEngine,
    then: { kind: "recovers" },
    check: async (container) => {
      await checkHealth(container);
      await checkCommand(container);
      const text = await container.readLogs();
      if (log !== undefined) assert(log.test(text), `${log} is not in the log`);
      const words = await inspect(container.id, "Config.Entrypoint");
      assertEquals(words.includes("standard-supervisor"), name !== "docker/tensorrt_llm", words);
    },
  };
}
