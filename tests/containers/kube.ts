/** examples/kubernetes/deployment.yaml with `podman kube play`: its environment, probes, security and volumes. */
import { assertEquals } from "@std/assert";
import { prepareExampleTools } from "../support/example_tools.ts";
import type { EngineEvent } from "../support/engines.ts";
import { readOrEmpty } from "../support/files.ts";
import { findFreePort } from "../support/namespace.ts";
import { pause, wallMs } from "../support/processes.ts";
import { FIXTURES, ROOT } from "../support/run.ts";
import { STEP_MS, STOP_SECS } from "./container.ts";
import { mustPodman, podman } from "./podman.ts";
import type { Result } from "./run_case.ts";

const EXAMPLE = `${ROOT}/examples/kubernetes/deployment.yaml`;
/** As kube play names what the Deployment `vllm` makes. */
const ENGINE = "vllm-pod-0-engine";

/** Why it cannot run: the YAML cannot be read, the program is older than the example, or podman cannot. */
export async function findKubeObstacle(image: string): Promise<string | undefined> {
  if (await prepareExampleTools() === undefined) {
    return "PyYAML cannot be installed from PyPI";
  }
  const help = await podman(["run", "--rm", "--network", "host", image, "--help"]);
  return help.stdout.includes("PROCESS_STATUS_PORT")
    ? undefined
    : "TEST_PROGRAM has no PROCESS_STATUS_PORT";
}

// deno-lint-ignore no-explicit-any
async function readDeployment(): Promise<any> {
  const tools = await prepareExampleTools();
  const { stdout } = await new Deno.Command(`${tools}/bin/python3`, {
    args: [`${ROOT}/tests/support/example_reader.py`, "yaml", EXAMPLE],
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout))[0];
}

/** The example with what cannot be had here replaced: the image, the ports, a cluster's network. */
async function adapt(image: string, directory: string, port: number, status: number) {
  const deployment = await readDeployment();
  const { spec } = deployment.spec.template;
  const [container] = spec.containers;
  container.image = image;
  container.args = ["model", "--port", `${port}`];
  for (const variable of container.env) {
    variable.value = variable.value.replace(":8000/", `:${port}/`).replace(/^8001$/, `${status}`);
  }
  // Ports of a Pod need a network of its own.
  container.ports = [];
  for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) {
    container[probe].httpGet.port = status;
  }
  // podman makes an emptyDir a volume of that name, and leaves it.
  const shm = `shm-${crypto.randomUUID()}`;
  container.volumeMounts[0].name = spec.volumes[0].name = shm;
  container.volumeMounts.push({ name: "fixtures", mountPath: "/fixtures" });
  container.volumeMounts.push({ name: "record", mountPath: "/record" });
  spec.volumes.push({ name: "fixtures", hostPath: { path: FIXTURES } });
  spec.volumes.push({ name: "record", hostPath: { path: directory } });
  Deno.writeTextFileSync(`${directory}/deployment.json`, JSON.stringify(deployment));
  return { file: `${directory}/deployment.json`, volume: shm };
}

async function waitFor(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const since = wallMs(); !await condition(); await pause(50)) {
    if (wallMs() - since > STEP_MS) throw new Error(`Waited ${STEP_MS} ms in vain for ${what}`);
  }
}

async function answers(port: number, path: string): Promise<number> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
}

/** Plays the Deployment, kills its engine, waits for the next one, and takes it down. */
export async function playDeployment(image: string): Promise<Result> {
  const directory = Deno.makeTempDirSync({ prefix: "container-kube-" });
  Deno.chmodSync(directory, 0o777);
  const [port, status] = [findFreePort(), findFreePort()];
  const { file, volume } = await adapt(image, directory, port, status);
  const loads = () =>
    readOrEmpty(`${directory}/events`).split("\n").slice(0, -1)
      .map((line): EngineEvent => JSON.parse(line)).filter(({ event }) => event === "loaded");
  try {
    await mustPodman(["kube", "play", "--network", "host", file]);
    await waitFor(async () => await answers(status, "/readyz") === 200, "/readyz");
    const sinceMs = wallMs();
    await mustPodman(["exec", ENGINE, "sh", "-c", `kill -9 ${loads()[0]?.pid}`]);
    // What is being recovered must not be restarted from outside.
    assertEquals(await answers(status, "/livez"), 200);
    await waitFor(() => loads().length === 2, "the next engine");
    await waitFor(async () => await answers(status, "/readyz") === 200, "/readyz again");
    const secs = (wallMs() - sinceMs) / 1000;
    assertEquals(await answers(status, "/metrics"), 200);
    await mustPodman(["pod", "stop", "--time", `${STOP_SECS}`, "vllm-pod-0"]);
    const code = Number(await mustPodman(["inspect", "--format", "{{.State.ExitCode}}", ENGINE]));
    assertEquals(code, 0, (await podman(["logs", ENGINE])).stderr);
    return { code, secs, left: 0, served: true };
  } catch (error) {
    const { stdout, stderr } = await podman(["logs", ENGINE]);
    throw new Error(`${error instanceof Error ? error.message : error}\n${stdout}${stderr}`);
  } finally {
    await podman(["kube", "down", file]);
    await podman(["volume", "rm", "--force", volume]);
    Deno.removeSync(directory, { recursive: true });
  }
}
