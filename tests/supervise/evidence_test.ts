import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { stopCleanly } from "../support/ends.ts";
import { readEvents, readPids, recordingEngine, waitForEvent } from "../support/engines.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// What is seen of an engine that hangs is kept before it is stopped, and is in nobody's way.

const [supervisord] = readSupervisords();

/** Says what py-spy does, its first line with the command's arguments. */
const PY_SPY = `#!/bin/sh
echo "$@" >>"$RUN/py-spy"
echo "Process $4: python serve.py --api-key hidden"
echo "Thread $4 (idle): wait"`;

/** Never answers. */
const SLOW_PY_SPY = `#!/bin/sh
echo "$@" >>"$RUN/py-spy"
exec sleep 1000`;

const NAME = /^hang-\d{8}T\d{6}Z-\d+\.txt$/;

/** So many are kept. */
const MAX_FILES = 20;

function start(pySpy: string, env: Record<string, string> = {}): Run {
  return new Run({
    supervisord,
    args: (directory) => {
      Deno.mkdirSync(`${directory}/bin`);
      Deno.writeTextFileSync(`${directory}/bin/py-spy`, pySpy, { mode: 0o755 });
      Deno.writeTextFileSync(`${directory}/healthy`, "");
      return recordingEngine(supervisord!, directory, "--workers", "2");
    },
    env: (directory) => ({
      RUN: directory,
      PATH: `${directory}/bin:${Deno.env.get("PATH")}`,
      PROCESS_HEALTH_COMMAND: `test -e ${directory}/healthy`,
      PROCESS_HEALTH_PERIOD_SECS: "1",
      PROCESS_HEALTH_FAILURE_THRESHOLD: "1",
      PROCESS_EVIDENCE_DIR: `${directory}/evidence`,
      ...env,
    }),
  });
}

function readFiles(run: Run): string[] {
  try {
    return [...Deno.readDirSync(run.path("evidence"))].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

/** Lets the probe succeed once, and fail from then on. */
async function hang(run: Run): Promise<void> {
  await waitForEvent(run, "loaded");
  await run.waitFor(() => run.read("stderr").includes("started after"), "its start");
  Deno.removeSync(run.path("healthy"));
}

describe("Evidence", () => {
  it("is kept in one private file before the engine is told to stop, the newest 20", async () => {
    await using run = start(PY_SPY);
    Deno.mkdirSync(run.path("evidence"));
    for (let number = 10; number < 35; number++) {
      Deno.writeTextFileSync(run.path(`evidence/hang-202501${number}T000000Z-1.txt`), "");
    }
    Deno.writeTextFileSync(run.path("evidence/a-stranger's"), "");
    await hang(run);
    await waitForEvent(run, "term");
    const pids = readPids(run);
    const files = readFiles(run);
    const name = files.findLast((file) => NAME.test(file))!;
    const path = run.path(`evidence/${name}`);
    const text = Deno.readTextFileSync(path);
    assert(run.read("stderr").includes(path), run.describe("the log names it"));
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    assertEquals([files.length, files.includes("a-stranger's")], [MAX_FILES + 1, true]);
    assertEquals(pids.length, 3, run.describe(`pids ${pids}`));
    for (const pid of pids) {
      assert(text.includes(`# process ${pid} (`), text);
      assert(new RegExp(`^thread ${pid} .* waits in `, "m").test(text), text);
      assert(text.includes(`Thread ${pid} (idle): wait`), text);
    }
    assert(!text.includes("hidden"), text);
    Deno.writeTextFileSync(run.path("healthy"), "");
    await waitForEvent(run, "start", 2);
    await stopCleanly(run);
  });

  it("delays the stop no longer than it may", async () => {
    await using run = start(SLOW_PY_SPY, { PROCESS_HANG_EVIDENCE_SECS: "1" });
    await hang(run);
    await run.waitFor(() => run.read("py-spy") !== "", "py-spy");
    assertEquals(readEvents(run).filter(({ event }) => event === "term"), []);
    Deno.writeTextFileSync(run.path("healthy"), "");
    await waitForEvent(run, "start", 2);
    const [file = ""] = await run.waitFor(() => readFiles(run).length > 0 && readFiles(run), "it");
    const text = run.read(`evidence/${file}`);
    assert(text.includes("waits in"), text);
    await stopCleanly(run);
  });

  it("keeps no stop of everything waiting", async () => {
    await using run = start(SLOW_PY_SPY, { PROCESS_HANG_EVIDENCE_SECS: "60" });
    await hang(run);
    await run.waitFor(() => run.read("py-spy") !== "", "py-spy");
    const tookMs = await stopCleanly(run);
    assert(tookMs < 5_000, run.describe(`took ${tookMs} ms`));
    assertEquals(readFiles(run), []);
  });

  it("is not collected where nobody asks for it", async () => {
    await using run = start(PY_SPY, { PROCESS_EVIDENCE_DIR: "" });
    await hang(run);
    await waitForEvent(run, "term");
    assertEquals([run.read("py-spy"), readFiles(run)], ["", []]);
    Deno.writeTextFileSync(run.path("healthy"), "");
    await waitForEvent(run, "start", 2);
    await stopCleanly(run);
  });
});
