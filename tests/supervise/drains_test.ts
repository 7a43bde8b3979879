import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import {
  readEvents,
  readPids,
  recordingEngine,
  runAsChild,
  waitForEvent,
} from "../support/engines.ts";
import { inBatches, signalProcess } from "../support/processes.ts";
import { FIXTURES, Run } from "../support/run.ts";
import { openStream, waitForStream } from "../support/streams.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// Stops and sweeps of engines that are several processes, as real ones are: a stop tells the leader first,
// then the rest, within one grace; a sweep spares the cleaners of shared memory (DESIGN.md, "Stopping and
// sweeping").

const TIMES = 20;
const AT_ONCE = 4;

/** A stream lasts 1.6 s: far longer than a stop that does not wait for it, far shorter than the grace. */
const STREAM = { tokens: 80 };

const supervisords = readSupervisords();

/** One after the other of the installed versions. */
const turns = Array.from(
  { length: TIMES },
  (_, turn) => ({ turn, supervisord: supervisords[turn % supervisords.length]! }),
);

interface Drainer {
  readonly title: string;
  readonly args: (supervisord: InstalledSupervisord, directory: string) => string[];
  /** How many processes are told to stop, each once. */
  readonly told: number;
}

const DRAINERS: readonly Drainer[] = [
  {
    title: "an API process whose worker dies of SIGTERM at once (vLLM)",
    args: (supervisord, directory) => runAsChild(supervisord, "vllm_like.py", directory),
    told: 1,
  },
  {
    title: "an entrypoint without exec, which dies before its server",
    args: (supervisord, directory) => [
      `${FIXTURES}/entrypoint_without_exec.sh`,
      ...recordingEngine(supervisord, directory),
    ],
    told: 1,
  },
  {
    title: "servers whose main process ends at once (LitServe)",
    args: (supervisord, directory) => runAsChild(supervisord, "litserve_like.py", directory),
    told: 2,
  },
];

/** Stops an engine whose stream is in flight. */
async function stopStreaming(
  { title, args, told }: Drainer,
  supervisord: InstalledSupervisord,
): Promise<void> {
  await using run = new Run({ supervisord, args: (directory) => args(supervisord, directory) });
  const { port = 0 } = await waitForEvent(run, "loaded");
  const stream = openStream({ port, ...STREAM });
  await stream.begun;
  run.signal("SIGTERM");
  const { tokens, isWhole } = await waitForStream(run, stream);
  await expectEnd(run, 0, { pids: () => readPids(run) });
  const terms = readEvents(run).filter(({ event }) => event === "term").length;
  assertEquals(
    { tokens, isWhole, terms },
    { ...STREAM, isWhole: true, terms: told },
    run.describe(`${title}, supervisord ${supervisord.version}`),
  );
}

describe("a stop with a stream in flight", () => {
  for (const drainer of DRAINERS) {
    it(`lets it complete, ${TIMES} times of ${TIMES}: ${drainer.title}`, async () => {
      await inBatches(turns, AT_ONCE, ({ supervisord }) => stopStreaming(drainer, supervisord));
    });
  }
});

/** The segments of shared memory that a run's engines made and that are still there. */
function readSegments(run: Run): string[] {
  const made = readEvents(run).flatMap(({ segment }) => segment ?? []);
  const there = new Set([...Deno.readDirSync("/dev/shm")].map(({ name }) => name));
  return made.filter((name) => there.has(name));
}

/** Runs an engine with shared memory; afterwards none of it is left, whoever removes it. */
async function withSharedMemory(
  supervisord: InstalledSupervisord,
  env: Record<string, string>,
  look: (run: Run) => Promise<void>,
): Promise<void> {
  await using run = new Run({
    supervisord,
    args: (directory) => runAsChild(supervisord, "shm_engine.py", directory),
    env: { SUPERVISOR_PROGRAM_STARTSECS: "0", ...env },
  });
  try {
    await look(run);
    assertEquals(readSegments(run), [], run.describe("segments of /dev/shm at the end"));
  } finally {
    for (const name of readSegments(run)) Deno.removeSync(`/dev/shm/${name}`);
  }
}

/** Kills the engine that serves, and waits for the next one. Only the next one's segment may be there. */
async function crash(run: Run, times: number): Promise<void> {
  const { pid } = await waitForEvent(run, "loaded", times);
  signalProcess(pid, "SIGKILL");
  const { segment = "none" } = await waitForEvent(run, "loaded", times + 1);
  assertEquals(readSegments(run), [segment], run.describe(`/dev/shm after crash ${times}`));
}

describe("a sweep of an engine with shared memory and a resource tracker", () => {
  it(`leaves /dev/shm flat over ${TIMES} crashes`, async () => {
    await inBatches(
      turns.slice(0, TIMES / 2),
      AT_ONCE,
      ({ supervisord }) =>
        withSharedMemory(supervisord, {}, async (run) => {
          await crash(run, 1);
          await crash(run, 2);
          await stopCleanly(run, "SIGTERM", { pids: () => readPids(run) });
        }),
    );
  });

  it("leaves nothing in /dev/shm where we give up after the crash", async () => {
    await inBatches(
      turns.slice(0, AT_ONCE),
      AT_ONCE,
      ({ supervisord }) =>
        withSharedMemory(supervisord, { PROCESS_MAX_RECOVERY_ATTEMPTS: "0" }, async (run) => {
          signalProcess((await waitForEvent(run, "loaded")).pid, "SIGKILL");
          await expectEnd(run, 1, { pids: () => readPids(run) });
        }),
    );
  });
});
