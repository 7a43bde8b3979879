import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import { readEvents, readPids, recordingEngine, waitForEvent } from "../support/engines.ts";
import { signalProcess, wallMs } from "../support/processes.ts";
import { FIXTURES, makeCommand, Run } from "../support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// An engine that is one of several nodes: its crash ends the container, so that all of them start again.

/** The engine's death to the container's end, ms. */
const AT_ONCE_MS = 300;

/** So many crashes are measured: a busy machine may be late once. */
const TIMES = 5;

/** It has ten seconds to end, which nobody waits for. */
const STUBBORN = {
  SUPERVISOR_PROGRAM__SIDE_COMMAND: `/usr/bin/python3 -S ${FIXTURES}/ignores_term.py`,
};

function start(supervisord: InstalledSupervisord, env: Record<string, string>): Run {
  return new Run({
    supervisord,
    args: (directory) =>
      recordingEngine(supervisord, directory, "--workers", "2", "--leave-workers"),
    env: { LWS_GROUP_SIZE: "2", SUPERVISOR_PROGRAM_STARTSECS: "0", ...env },
  });
}

for (const supervisord of readSupervisords()) {
  describe(`a member of a group under supervisord ${supervisord.version}`, () => {
    it("ends the container at once with the engine's code, and leaves nothing", async () => {
      const tookMs: number[] = [];
      for (let time = 0; time < TIMES; time++) {
        await using run = start(supervisord, STUBBORN);
        const { pid } = await waitForEvent(run, "loaded");
        const pids = readPids(run);
        const killedMs = wallMs();
        signalProcess(pid, "SIGKILL");
        const { atMs } = await expectEnd(run, 137, { pids: () => pids });
        tookMs.push(atMs - killedMs);
        assert(run.read("stderr").includes("LWS_GROUP_SIZE is 2"), run.describe("says why"));
        assertEquals(readEvents(run).filter(({ event }) => event === "start").length, 1);
      }
      const sorted = tookMs.map(Math.round).sort((a, b) => a - b);
      console.log(`from the engine's death to the container's end: ${sorted.join(", ")} ms`);
      assert((sorted[Math.floor(TIMES / 2)] ?? Infinity) < AT_ONCE_MS, `${sorted} ms`);
    });
  });
}

describe("PROCESS_GROUP_RESTART", () => {
  const [supervisord] = readSupervisords();

  it("restarts a member here with process, and one that is alone by default", async () => {
    const cases: Record<string, string>[] = [
      { PROCESS_GROUP_RESTART: "process" },
      { LWS_GROUP_SIZE: "1" },
    ];
    for (const env of cases) {
      await using run = start(supervisord!, env);
      signalProcess((await waitForEvent(run, "loaded")).pid, "SIGKILL");
      await waitForEvent(run, "loaded", 2);
      await stopCleanly(run);
    }
  });

  it("ends the container of one that nothing tells of with container, with its own code", async () => {
    await using run = new Run({
      supervisord,
      args: (directory) =>
        recordingEngine(supervisord!, directory, "--die-after", "0.2", "--exit", "7"),
      env: { PROCESS_GROUP_RESTART: "container" },
    });
    await expectEnd(run, 7);
  });

  it("is told by --check", () => {
    const [deno = "", ...args] = makeCommand(["--check", "vllm", "serve", "m", "--nnodes", "2"]);
    const { stderr } = new Deno.Command(deno, { args, stdin: "null" }).outputSync();
    const text = new TextDecoder().decode(stderr);
    assert(/one of several \(--nnodes is 2\): its crash ends the container/.test(text), text);
  });
});
