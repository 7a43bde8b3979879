/**
 * The container suite: builds the images of `examples/` with podman, and runs each case in one.
 *
 *     BASE_IMAGE=IMAGE TEST_PROGRAM=dist/standard-supervisor deno run -A tests/containers/run.ts [OPTIONS]
 *
 * `BASE_IMAGE` is a Debian image, `TEST_PROGRAM` the executable, `PODMAN` how podman is called (`podman`).
 * `--write FILE` puts the tables into a document, `--only TEXT` runs the cases with that text in their names.
 * Exit code 77 where it cannot run, with the reason; the last line is `N passed, N failed[, N skipped]`.
 */
import { parseArgs } from "@std/cli/parse-args";
import { inBatches } from "../support/processes.ts";
import { ROOT } from "../support/run.ts";
import { ATTACHED } from "./attached.ts";
import type { Case } from "./case.ts";
import { CONFINEMENT } from "./cases/confinement.ts";
import { CRASHES, INITS } from "./cases/crashes.ts";
import { exampleCase, EXAMPLES } from "./cases/examples.ts";
import { LIMITS } from "./cases/limits.ts";
import { LOGS } from "./cases/logs.ts";
import { STOPS } from "./cases/stops.ts";
import { type ImageMaker, makeImages } from "./images.ts";
import { findKubeObstacle, playDeployment } from "./kube.ts";
import { findObstacle, findPauseObstacle } from "./machine.ts";
import { podman, readPodmanVersion } from "./podman.ts";
import { type Result, runCase } from "./run_case.ts";
import { insertTables, renderSection, type Row } from "./table.ts";

/** So many at a time: a case waits more than it works, also on two cores. */
const AT_ONCE = 3;

interface Task {
  readonly name: string;
  readonly then?: Case["then"];
  readonly findObstacle: () => Promise<string | undefined>;
  readonly run: () => Promise<Result>;
}

const failures: string[] = [];

async function runTask(task: Task): Promise<Row> {
  const { name, then } = task;
  const row = { name, ...(then === undefined ? {} : { then }) };
  const skipped = await task.findObstacle();
  if (skipped !== undefined) {
    console.error(`SKIPPED ${name}: ${skipped}`);
    return { ...row, skipped };
  }
  try {
    return { ...row, result: await task.run() };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    console.error(`FAILED ${name}: ${text}`);
    failures.push(name);
    return row;
  }
}

function makeTasks(cases: readonly Case[], image: string): Task[] {
  return cases.map((one) => ({
    name: one.name,
    then: one.then,
    findObstacle: () =>
      one.name.includes("podman pause")
        ? findPauseObstacle(image)
        : findObstacle(image, one.options ?? []),
    run: () => runCase(one, image),
  }));
}

function makeExampleTasks(images: ImageMaker): Task[] {
  return EXAMPLES.map((example) => {
    const one = exampleCase(example);
    return {
      name: one.name,
      then: one.then,
      findObstacle: () => findObstacle(images.bases[example.base], example.options ?? []),
      run: async () => runCase(one, await images.build(example.name, images.bases[example.base])),
    };
  });
}

/** Orchestrators' examples that podman can run, in vLLM's image. */
function makeOrchestratorTasks(images: ImageMaker): Task[] {
  return [{
    name: "`podman kube play` of examples/kubernetes/deployment.yaml; a crash",
    then: { kind: "recovers" },
    findObstacle: async () => findKubeObstacle(await images.buildSuite()),
    run: async () => playDeployment(await images.build("docker/vllm", images.bases.vllm)),
  }];
}

async function readVersions(image: string): Promise<string> {
  const { stdout } = await podman(
    ["run", "--rm", "--network", "host", "--entrypoint", "/bin/sh", image].concat(
      [
        "-c",
        "standard-supervisor --version; supervisord --version; . /etc/os-release; echo $PRETTY_NAME",
      ],
    ),
  );
  const [program = "", supervisord = "", system = ""] = stdout.trim().split("\n");
  const { stdout: runtime } = await podman(["info", "--format", "{{.Host.OCIRuntime.Version}}"]);
  const groups = await podman(["info", "--format", "{{.Host.CgroupsVersion}}"]);
  return `${new Date().toISOString().slice(0, 10)}, ${program}, supervisord ${supervisord} where ` +
    `nothing else is said, ${system}; podman ${await readPodmanVersion()}, ` +
    `${runtime.split("\n")[0]}, cgroups ${groups.stdout.trim()}; ` +
    `${navigator.hardwareConcurrency} cores, ${AT_ONCE} containers at a time, ` +
    `load average ${(Deno.loadavg()[0] ?? 0).toFixed(0)} at the end.`;
}

async function runSuite(images: ImageMaker, only: string, write: string | undefined) {
  const image = await images.buildSuite();
  const attached = ATTACHED.map(({ name, run }) => ({
    name,
    findObstacle: () => Promise.resolve(undefined),
    run: () => run(image),
  }));
  const sections: [string, Task[]][] = [
    ["Stopped, paused, restarted", makeTasks(STOPS, image)],
    ["Crashes", makeTasks(CRASHES, image)],
    ["Not PID 1", makeTasks(INITS, image)],
    ["Confined", makeTasks(CONFINEMENT, image)],
    ["Limited", makeTasks(LIMITS, image)],
    ["Output, input, terminals", [...makeTasks(LOGS, image), ...attached]],
    ["The images of the examples", makeExampleTasks(images)],
    ["Orchestrators", makeOrchestratorTasks(images)],
  ];
  const chosen = sections.map(([title, tasks]) =>
    [title, tasks.filter(({ name }) => name.includes(only))] as const
  );
  const rows = new Map<Task, Row>();
  const tasks = chosen.flatMap(([, tasks]) => tasks);
  await inBatches(tasks, AT_ONCE, async (task) => {
    rows.set(task, await runTask(task));
  });
  const versions = await readVersions(image);
  const tables = chosen.filter(([, tasks]) => tasks.length > 0).map(([title, tasks]) =>
    renderSection(title, tasks.map((task) => rows.get(task)!))
  );
  const text = [versions, ...tables].join("\n\n");
  console.log(text);
  if (write !== undefined && failures.length === 0) {
    Deno.writeTextFileSync(write, insertTables(Deno.readTextFileSync(write), text));
  }
  const skipped = [...rows.values()].filter((row) => row.skipped !== undefined).length;
  const passed = tasks.length - failures.length - skipped;
  console.log(
    `${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
  );
}

async function main(args: readonly string[]): Promise<number> {
  const { only = "", write } = parseArgs([...args], { string: ["only", "write"] });
  const base = Deno.env.get("BASE_IMAGE") ?? "";
  const program = Deno.env.get("TEST_PROGRAM") ?? "";
  const version = await readPodmanVersion();
  const missing = version === undefined
    ? "podman is missing"
    : base === ""
    ? "BASE_IMAGE names no image"
    : program === ""
    ? "TEST_PROGRAM names no executable"
    : undefined;
  if (missing !== undefined) {
    console.log(missing);
    return 77;
  }
  const images = await makeImages(new URL(program, `file://${ROOT}/`).pathname, base);
  try {
    await runSuite(images, only, write);
  } finally {
    await images.dispose();
  }
  return failures.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
