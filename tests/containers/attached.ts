/** Cases in which somebody holds the container's streams: its stdin, its terminal, or a pipe that nobody reads. */
import { assertEquals } from "@std/assert";
import { askEngine, findFreePort } from "../support/namespace.ts";
import { pause, wallMs } from "../support/processes.ts";
import { FIXTURES } from "../support/run.ts";
import { engineCommand } from "./case.ts";
import { STEP_MS, STOP_SECS } from "./container.ts";
import { mustPodman, PODMAN, podman } from "./podman.ts";
import type { Result } from "./run_case.ts";

/** One such case; its own test. */
export interface AttachedCase {
  readonly name: string;
  readonly run: (image: string) => Promise<Result>;
}

const MOUNTS = ["--network", "host", "--volume", `${FIXTURES}:/fixtures:ro`];
/** The engine's record is not looked at. */
const RECORD = ["--tmpfs", "/record"];

async function waitAnswer(port: number): Promise<void> {
  for (const since = wallMs(); await askEngine(port, "GET", "/health") !== 200; await pause(20)) {
    if (wallMs() - since > STEP_MS) throw new Error("The engine does not answer");
  }
}

/** `echo text | podman run -i IMAGE cat`. */
async function pipeIn(image: string): Promise<Result> {
  const sinceMs = wallMs();
  const { code, stdout, stderr } = await podman(
    ["run", "--rm", "--interactive", "--env=SUPERVISOR_PROGRAM_AUTORESTART=false", image, "cat"],
    STEP_MS,
    "a line\n",
  );
  assertEquals([code, stdout], [0, "a line\n"], stderr);
  return { code, secs: (wallMs() - sinceMs) / 1000, left: 0, served: false };
}

/** Ctrl-C in a terminal: `script` gives podman one. */
async function pressControlC(image: string): Promise<Result> {
  const port = findFreePort();
  const words = [PODMAN, "run --rm -it", ...MOUNTS, ...RECORD, image, ...engineCommand(port)];
  const child = new Deno.Command("script", {
    args: ["--quiet", "--return", "--command", words.join(" "), "/dev/null"],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  try {
    await waitAnswer(port);
    const sinceMs = wallMs();
    await writer.write(new Uint8Array([3]));
    const { code } = await child.status;
    assertEquals(code, 0);
    return { code, secs: (wallMs() - sinceMs) / 1000, left: 0, served: true };
  } finally {
    await writer.close().catch(() => {});
  }
}

/** A pipe as stdout, full and never read, when the container is stopped. */
async function stallReader(image: string): Promise<Result> {
  const port = findFreePort();
  const name = `container-test-${crypto.randomUUID()}`;
  const [program = "podman", ...options] = PODMAN.split(" ");
  const child = new Deno.Command(program, {
    args: [
      ...[...options, "run", "--name", name, "--log-driver", "passthrough", ...MOUNTS, ...RECORD],
      ...["--env=SUPERVISOR_PROGRAM_STOPWAITSECS=4", image, ...engineCommand(port)],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    await waitAnswer(port);
    await askEngine(port, "POST", "/control/print?bytes=1000000&stream=stdout");
    const sinceMs = wallMs();
    await mustPodman(["stop", "--time", `${STOP_SECS}`, name]);
    const secs = (wallMs() - sinceMs) / 1000;
    const code = Number(await mustPodman(["inspect", "--format", "{{.State.ExitCode}}", name]));
    assertEquals(code, 0);
    return { code, secs, left: 0, served: true };
  } finally {
    await podman(["rm", "--force", "--time", "0", name]);
    await child.stdout.cancel();
    await child.status;
  }
}

export const ATTACHED: readonly AttachedCase[] = [
  { name: "`echo … | podman run -i … cat`: the engine reads it, and ends", run: pipeIn },
  { name: "`podman run -it`, Ctrl-C", run: pressControlC },
  {
    name:
      "`--log-driver passthrough`, a full pipe that nobody reads, a grace of 4 s; `podman stop`",
    run: stallReader,
  },
];
