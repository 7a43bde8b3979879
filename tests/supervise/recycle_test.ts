import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { stopCleanly } from "../support/ends.ts";
import { readEvents, runAsChild, waitForEvent } from "../support/engines.ts";
import { pause } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { openStream, waitForStream } from "../support/streams.ts";
import { readSupervisords } from "../support/supervisords.ts";

// An engine past its memory limit is drained and started again, and that counts as no crash.

const [supervisord] = readSupervisords();

/** Between two looks at its memory, ms, and some more. */
const LOOKS_MS = 12_000;

describe("PROCESS_MAX_ENGINE_MEMORY", () => {
  it("recycles an engine after its streams, once, though no recovery is left", async () => {
    await using run = new Run({
      supervisord,
      args: (directory) =>
        runAsChild(supervisord!, "vllm_like.py", directory, "--token-secs", "0.1"),
      env: {
        // Less than an interpreter needs.
        PROCESS_MAX_ENGINE_MEMORY: "1MiB",
        PROCESS_MAX_RECOVERY_ATTEMPTS: "0",
        PROCESS_MAX_START_RETRIES: "0",
        SUPERVISOR_PROGRAM_STARTSECS: "0",
      },
    });
    const { port = 0 } = await waitForEvent(run, "loaded");
    const stream = openStream({ port, tokens: 50 });
    await stream.begun;
    await waitForEvent(run, "term");
    const end = await waitForStream(run, stream, 20_000);
    assert(end.isWhole, run.describe("the stream"));
    await waitForEvent(run, "loaded", 2);
    // It is past its limit again at once, and left alone.
    await run.waitFor(() => run.read("stderr").includes("too low for it"), "that it is said");
    await pause(LOOKS_MS);
    assertEquals(readEvents(run).filter(({ event }) => event === "term").length, 1);
    assertEquals(run.read("stderr").match(/counts as no crash/g)?.length, 1);
    await stopCleanly(run);
  });

  it("leaves one below its limit alone", async () => {
    await using run = new Run({
      supervisord,
      args: (directory) => runAsChild(supervisord!, "vllm_like.py", directory),
      env: { PROCESS_MAX_ENGINE_MEMORY: "50%", SUPERVISOR_PROGRAM_STARTSECS: "0" },
    });
    await waitForEvent(run, "loaded");
    await run.waitFor(() => run.read("stderr").includes("is recycled past"), "that it is said");
    await pause(LOOKS_MS / 4);
    assertEquals(readEvents(run).filter(({ event }) => event === "term").length, 0);
    await stopCleanly(run);
  });
});
