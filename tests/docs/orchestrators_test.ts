import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { SETTINGS } from "../../src/configuration/settings.ts";
import { prepareExampleTools } from "../support/example_tools.ts";
import { FIXTURES, makeCommand, ROOT } from "../support/run.ts";

// Each example is read by what its orchestrator has published, as far as a package carries that; and the clocks
// of docs/grace_periods.md are held to.

const EXAMPLES = `${ROOT}/examples`;
const READER = `${FIXTURES}/../support/example_reader.py`;

const tools = await prepareExampleTools();

interface Answer {
  readonly code: number;
  readonly text: string;
}

async function run(command: readonly string[], env: Record<string, string> = {}): Promise<Answer> {
  const [program = "", ...args] = command;
  const { code, stdout, stderr } = await new Deno.Command(program, { args, env, stdin: "null" })
    .output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** The text of an example with one word replaced, in a file of its own name. */
async function withChange<T>(
  path: string,
  from: string | RegExp,
  to: string,
  body: (path: string) => Promise<T>,
): Promise<T> {
  const directory = Deno.makeTempDirSync({ prefix: "orchestrators-test-" });
  try {
    const text = Deno.readTextFileSync(`${EXAMPLES}/${path}`);
    const changed = text.replace(from, to);
    assert(changed !== text, `${path} has no ${from}`);
    const copy = `${directory}/${path.replace(/.*\//, "")}`;
    Deno.writeTextFileSync(copy, changed);
    return await body(copy);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

const readExample = (kind: string, path: string): Promise<Answer> =>
  run([`${tools}/bin/python3`, READER, kind, path]);

/** An example's documents, checked by their kind. */
// deno-lint-ignore no-explicit-any
async function parseExample(kind: string, path: string): Promise<any[]> {
  const { code, text } = await readExample(kind, `${EXAMPLES}/${path}`);
  assertEquals(code, 0, text);
  return JSON.parse(text);
}

const validateKubernetes = (version: string, path: string): Promise<Answer> =>
  run([`${tools}/bin/kubernetes-validate`, "--strict", "-k", version, path]);

/** Registers a test that needs the tools; named as skipped without them. */
function itWithTools(title: string, body: () => Promise<void>): void {
  if (tools !== undefined) return it(title, body);
  it.skip(`${title} (the validators cannot be installed from PyPI)`, body);
}

const hasSystemd = await run(["systemd-analyze", "--version"]).then(() => true, () => false);

function skipWithoutSystemd(title: string, body: () => Promise<void>): void {
  it.skip(`${title} (systemd-analyze is missing)`, body);
}

function skipWithoutStatusPort(title: string, body: () => Promise<void>): void {
  it.skip(`${title} (this version has no PROCESS_STATUS_PORT)`, body);
}

type Variables = readonly { readonly name: string; readonly value: string }[];

function readVariable(env: Variables, name: string): string {
  const found = env.find((variable) => variable.name === name)?.value;
  if (found === undefined) throw new Error(`The example does not set ${name}`);
  return found;
}

describe("examples/kubernetes", () => {
  // A range: oldest version that the file can be used with, newest that is published.
  const oldest = { "deployment.yaml": "1.33", "job.yaml": "1.33", "restart_rules.yaml": "1.34" };
  for (const [name, version] of Object.entries(oldest)) {
    itWithTools(
      `${name} is what Kubernetes ${version} and 1.37 take, without an unknown field`,
      async () => {
        for (const each of [version, "1.37"]) {
          const { code, text } = await validateKubernetes(each, `${EXAMPLES}/kubernetes/${name}`);
          assertEquals(code, 0, text);
        }
      },
    );
  }

  itWithTools("a misspelt field is refused", async () => {
    const path = "kubernetes/deployment.yaml";
    await withChange(path, "startupProbe", "startProbe", async (path) => {
      const { code, text } = await validateKubernetes("1.37", path);
      assertEquals(code, 1, text);
    });
  });

  itWithTools("the clock of a Pod is longer than preStop and the engine's grace", async () => {
    const [{ spec: { template: { spec } } }] = await parseExample(
      "yaml",
      "kubernetes/deployment.yaml",
    );
    const [{ env, lifecycle, args, ports }] = spec.containers;
    const grace = Number(readVariable(env, "SUPERVISOR_PROGRAM_STOPWAITSECS"));
    const preStop = Number(lifecycle.preStop.exec.command[1]);
    assert(spec.terminationGracePeriodSeconds >= preStop + grace + 5);
    // vLLM's own drain, and what it needs to end its workers.
    assert(grace >= Number(args[args.indexOf("--shutdown-timeout") + 1]) + 15);
    const status = ports.find(({ name }: { name: string }) => name === "status").containerPort;
    assertEquals(readVariable(env, "PROCESS_STATUS_PORT"), String(status));
  });

  itWithTools("every exit code by cause has one answer of the Job's", async () => {
    const [{ spec: { podFailurePolicy } }] = await parseExample("yaml", "kubernetes/job.yaml");
    const values = podFailurePolicy.rules.flatMap((
      { action, onExitCodes }: { action: string; onExitCodes?: { values: number[] } },
    ) => onExitCodes?.values.map((value) => [value, action]) ?? []);
    assertEquals(Object.fromEntries(values), {
      ...{ 78: "FailJob", 126: "FailJob", 127: "FailJob" },
      ...{ 69: "Ignore", 75: "Ignore" },
    });
  });
});

describe("examples/compose", () => {
  itWithTools("compose.yaml is what the Compose specification takes", async () => {
    const [{ services: { vllm } }] = await parseExample("compose", "compose/compose.yaml");
    const grace = Number(vllm.environment.SUPERVISOR_PROGRAM_STOPWAITSECS);
    assert(Number(/^(\d+)s$/.exec(vllm.stop_grace_period)?.[1]) >= grace + 5);
  });

  itWithTools("a misspelt key is refused", async () => {
    await withChange("compose/compose.yaml", "shm_size", "shm_sizes", async (path) => {
      assertEquals((await readExample("compose", path)).code, 1);
    });
  });
});

describe("examples/ecs", () => {
  itWithTools("task-definition.json is what RegisterTaskDefinition takes", async () => {
    const [task] = await parseExample("ecs", "ecs/task-definition.json");
    const [{ environment, stopTimeout }] = task.containerDefinitions;
    const grace = Number(readVariable(environment, "SUPERVISOR_PROGRAM_STOPWAITSECS"));
    assert(stopTimeout >= grace + 5);
    assert(stopTimeout <= 120, "ECS allows no more");
  });

  itWithTools("a misspelt key is refused", async () => {
    await withChange("ecs/task-definition.json", "stopTimeout", "stopTime", async (path) => {
      assertEquals((await readExample("ecs", path)).code, 1);
    });
  });
});

describe("Dockerfiles", () => {
  const files = ["docker", "sagemaker"].flatMap((folder) =>
    [...Deno.readDirSync(`${EXAMPLES}/${folder}`)].map(({ name }) => `${folder}/${name}`)
  ).filter((name) => name.endsWith("Dockerfile"));
  for (const name of files) {
    itWithTools(`hadolint has nothing to say of ${name}`, async () => {
      // Versions of Debian's packages are not pinned, and vLLM's image has a /bin/sh without pipefail.
      const ignored = ["--ignore", "DL3008", "--ignore", "DL4006"];
      const lint = [`${tools}/bin/hadolint`, "--no-color", ...ignored];
      const { code, text } = await run([...lint, `${EXAMPLES}/${name}`]);
      assertEquals([code, text], [0, ""]);
    });
  }

  itWithTools("an instruction that is none is refused", async () => {
    await withChange("docker/vllm.Dockerfile", "ENTRYPOINT", "ENTRYPOINTS", async (path) => {
      assertEquals((await run([`${tools}/bin/hadolint`, path])).code, 1);
    });
  });
});

describe("examples/systemd", () => {
  const verify = async (from: string | RegExp, to: string): Promise<Answer> => {
    // The program it names is not installed here.
    const program = /\/usr\/local\/bin\/standard-supervisor/;
    return await withChange("systemd/vllm.service", program, "/bin/true", async (path) => {
      const text = Deno.readTextFileSync(path);
      Deno.writeTextFileSync(path, text.replace(from, to));
      return await run(["systemd-analyze", "verify", path]);
    });
  };
  const register = hasSystemd ? it : skipWithoutSystemd;
  register(
    "vllm.service is a unit that systemd takes, and one with a misspelt key is not",
    async () => {
      assertEquals(await verify("", ""), { code: 0, text: "" });
      const { text } = await verify("TimeoutStopSec", "TimeoutStopSecs");
      assert(text.includes("TimeoutStopSecs"), text);
    },
  );

  it("vllm.service gives the engine its grace", () => {
    const unit = Deno.readTextFileSync(`${EXAMPLES}/systemd/vllm.service`);
    const read = (words: RegExp) => Number(words.exec(unit)?.[1]);
    const grace = read(/SUPERVISOR_PROGRAM_STOPWAITSECS=(\d+)/);
    assert(read(/^TimeoutStopSec=(\d+)$/m) >= grace + 5);
  });
});

describe("variables of the examples", () => {
  /** The environment of each example, by its file. */
  const readEnvironments = async (): Promise<[string, Record<string, string>][]> => {
    const fromList = (env: Variables) =>
      Object.fromEntries(env.map(({ name, value }) => [name, value]));
    const [deployment] = await parseExample("yaml", "kubernetes/deployment.yaml");
    const [job] = await parseExample("yaml", "kubernetes/job.yaml");
    const [pod] = await parseExample("yaml", "kubernetes/restart_rules.yaml");
    const [task] = await parseExample("ecs", "ecs/task-definition.json");
    const [compose] = await parseExample("compose", "compose/compose.yaml");
    const unit = Deno.readTextFileSync(`${EXAMPLES}/systemd/vllm.service`);
    const lines = [...unit.matchAll(/^Environment=((?:PROCESS|SUPERVISOR)_\w+)=(.*)$/gm)];
    return [
      ["deployment.yaml", fromList(deployment.spec.template.spec.containers[0].env)],
      ["job.yaml", fromList(job.spec.template.spec.containers[0].env)],
      ["restart_rules.yaml", fromList(pod.spec.containers[0].env)],
      ["task-definition.json", fromList(task.containerDefinitions[0].environment)],
      ["compose.yaml", compose.services.vllm.environment],
      ["vllm.service", Object.fromEntries(lines.map(([, name, value]) => [name, value]))],
    ];
  };
  const check = (env: Record<string, string>): Promise<Answer> => {
    const inherited = { PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "/" };
    return run(makeCommand(["--check", "true"]), { ...inherited, ...env });
  };
  const known = new Set<string>(
    Object.values(SETTINGS).flatMap(({ name, aliases }) => [name, ...aliases]),
  );
  const register = known.has("PROCESS_STATUS_PORT") ? itWithTools : skipWithoutStatusPort;

  register("each is known, and its value is taken", async () => {
    for (const [file, env] of await readEnvironments()) {
      assert(Object.keys(env).length > 0, file);
      for (const name of Object.keys(env)) {
        assert(!name.startsWith("PROCESS_") || known.has(name), `${file}: ${name}`);
      }
      const { code, text } = await check(env);
      assertEquals(code, 0, `${file}: ${text}`);
    }
  });

  it("a wrong value is not", async () => {
    assertEquals((await check({ SUPERVISOR_PROGRAM_STOPWAITSECS: "long" })).code, 1);
  });
});
