import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { readEvents, recordingEngine, runAsChild, waitForEvent } from "./support/engines.ts";
import { waitUntil } from "./support/namespace.ts";
import { isAlive, signalProcess } from "./support/processes.ts";
import { FIXTURES, Run } from "./support/run.ts";
import { openStream, type Stream, waitForStream } from "./support/streams.ts";
import { type InstalledSupervisord, readSupervisords } from "./support/supervisords.ts";

// The stand-ins for engines of several processes, without supervision: that they stop as the real ones do.

const [supervisord] = readSupervisords();

const STREAM = { tokens: 25 };

/** A stand-in as the leader of a process group, with a stream in flight. */
interface Streaming {
  readonly run: Run;
  readonly stream: Stream;
  /** What it forked. */
  readonly workers: readonly number[];
}

async function withStream(
  command: (supervisord: InstalledSupervisord, directory: string) => string[],
  look: (streaming: Streaming) => Promise<void>,
): Promise<void> {
  await using run = new Run({
    args: [],
    command: (directory) => ["setsid", ...command(supervisord!, directory)],
  });
  const { port = 0 } = await waitForEvent(run, "loaded");
  const workers = readEvents(run).flatMap(({ workers }) => workers ?? []);
  const stream = openStream({ port, ...STREAM });
  await stream.begun;
  await look({ run, stream, workers });
}

function exists(segment: string): boolean {
  return [...Deno.readDirSync("/dev/shm")].some(({ name }) => name === segment);
}

describe("vllm_like.py", () => {
  const withVllm = (look: (streaming: Streaming) => Promise<void>) =>
    withStream((python, directory) => runAsChild(python, "vllm_like.py", directory), look);

  it("completes its streams where SIGTERM comes to the leader alone", () =>
    withVllm(async ({ run, stream, workers }) => {
      run.signal("SIGTERM");
      const { tokens, isWhole } = await waitForStream(run, stream);
      assertEquals({ tokens, isWhole }, { ...STREAM, isWhole: true });
      assertEquals((await run.waitForEnd()).code, 0);
      assertEquals(workers.filter(isAlive), []);
    }));

  it("cuts its streams where SIGTERM comes to the group", () =>
    withVllm(async ({ run, stream }) => {
      Deno.kill(-run.pid, "SIGTERM");
      const { tokens, isWhole } = await waitForStream(run, stream);
      assert(tokens < STREAM.tokens && !isWhole, `${tokens} tokens`);
      assertEquals((await run.waitForEnd()).code, 1);
    }));
});

describe("litserve_like.py", () => {
  it("leaves its servers at SIGTERM, which drain at one of their own", () =>
    withStream(
      (python, directory) => runAsChild(python, "litserve_like.py", directory),
      async ({ run, stream, workers }) => {
        run.signal("SIGTERM");
        assertEquals((await run.waitForEnd()).signal, "SIGTERM");
        assertEquals(workers.filter(isAlive), workers);
        for (const pid of workers) signalProcess(pid, "SIGTERM");
        const { tokens, isWhole } = await stream.ended;
        assertEquals({ tokens, isWhole }, { ...STREAM, isWhole: true });
      },
    ));
});

describe("entrypoint_without_exec.sh", () => {
  it("dies of SIGTERM at once and leaves its server, which drains at one of its own", () =>
    withStream(
      (python, directory) => [
        `${FIXTURES}/entrypoint_without_exec.sh`,
        ...recordingEngine(python, directory),
      ],
      async ({ run, stream }) => {
        const { pid } = await waitForEvent(run, "loaded");
        run.signal("SIGTERM");
        assertEquals((await run.waitForEnd()).signal, "SIGTERM");
        assert(isAlive(pid), "the server");
        signalProcess(pid, "SIGTERM");
        const { tokens, isWhole } = await stream.ended;
        assertEquals({ tokens, isWhole }, { ...STREAM, isWhole: true });
      },
    ));
});

describe("shm_engine.py", () => {
  const withSegment = (kill: "its tracker too" | "all but its tracker") => async () => {
    await using run = new Run({
      args: [],
      command: (directory) => runAsChild(supervisord!, "shm_engine.py", directory),
    });
    const { segment = "" } = await waitForEvent(run, "loaded");
    assert(exists(segment), segment);
    const [worker = 0, tracker = 0] = readEvents(run).flatMap(({ workers }) => workers ?? []);
    const [victims, left] = kill === "its tracker too"
      ? [[tracker, worker, run.pid], true]
      : [[worker, run.pid], false];
    try {
      for (const pid of victims) signalProcess(pid, "SIGKILL");
      await waitUntil(run, () => ![worker, tracker].some(isAlive), "the end of all");
      assertEquals(exists(segment), left);
    } finally {
      if (exists(segment)) Deno.removeSync(`/dev/shm/${segment}`);
    }
  };

  it("leaves its segment where its tracker is killed too", withSegment("its tracker too"));
  it("has it removed by its tracker otherwise", withSegment("all but its tracker"));
});
