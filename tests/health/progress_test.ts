import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { stopCleanly } from "../support/ends.ts";
import { pause, settleAll } from "../support/processes.ts";
import { readSupervisords } from "../support/supervisords.ts";
import { Watched, WATCHED_ENGINES, type WatchedEngine } from "../support/watched.ts";

// Whether an engine works, is idle or hangs, told from the metrics of real ones; its health is 200 all the time.

const [supervisord] = readSupervisords();

/** What makes a hang, s; and longer than that with all that comes on top, ms. */
const STALL_SECS = 2;
const LONGER_MS = 3_500;

/** Lets it be for longer than a hang, and says that nothing happened to it. */
async function expectPeace(watched: Watched, what: string): Promise<void> {
  const { starts } = watched;
  await pause(LONGER_MS);
  assertEquals(watched.starts, starts, watched.run.describe(what));
}

/** One engine through everything that is none, and a hang. */
async function watch(engine: WatchedEngine): Promise<void> {
  await using watched = new Watched(supervisord!, engine, {
    PROCESS_PROGRESS_TIMEOUT_SECS: String(STALL_SECS),
  });
  const { run } = watched;
  const worker = await watched.waitForLoad();
  await expectPeace(watched, `${engine}: idle`);
  await watched.order("requests?count=64");
  await expectPeace(watched, `${engine}: saturated`);
  await watched.order("prefill?count=1");
  await expectPeace(watched, `${engine}: a long prefill`);
  await watched.order("metrics?status=500");
  await expectPeace(watched, `${engine}: scrapes fail`);
  await watched.order("metrics?status=200");
  watched.freeze(worker);
  await watched.waitForLoad(2);
  assert(/is unhealthy: no progress for \S+ s/.test(watched.said), run.describe("the reason"));
  // Its counters begin again.
  await watched.order("requests?count=1");
  await expectPeace(watched, `${engine}: after a restart`);
  await stopCleanly(run);
}

describe("PROCESS_PROGRESS_TIMEOUT_SECS", () => {
  it("tells a hang of each engine from idleness, work and ignorance", async () => {
    await settleAll(WATCHED_ENGINES.map(watch));
  });

  it("takes no engine for one that hangs whose metrics are too long to be read to their end", async () => {
    await using watched = new Watched(supervisord!, "vllm", {
      PROCESS_PROGRESS_TIMEOUT_SECS: String(STALL_SECS),
    }, ["--filler", "9"]);
    await watched.waitForLoad();
    await watched.order("requests?count=64");
    await expectPeace(watched, "cut");
    assert(watched.said.includes("metrics: more than 8 MiB"), watched.said);
    await stopCleanly(watched.run);
  });

  it("reads long metrics to their end", async () => {
    await using watched = new Watched(supervisord!, "vllm", {
      PROCESS_PROGRESS_TIMEOUT_SECS: String(STALL_SECS),
    }, ["--filler", "2"]);
    const worker = await watched.waitForLoad();
    await watched.order("requests?count=64");
    await expectPeace(watched, "long");
    watched.freeze(worker);
    await watched.waitForLoad(2);
    await stopCleanly(watched.run);
  });
});

const JUDGED = {
  PROCESS_HEALTH_URL: "auto",
  PROCESS_HEALTH_PERIOD_SECS: "1",
  PROCESS_HEALTH_TIMEOUT_SECS: "1",
  PROCESS_HEALTH_FAILURE_THRESHOLD: "2",
};

describe("PROCESS_HEALTH_BUSY_GRACE", () => {
  it("spares a busy engine whose health fails, and no idle one", async () => {
    await using watched = new Watched(supervisord!, "vllm", JUDGED);
    await watched.waitForLoad();
    await watched.run.waitFor(() => watched.said.includes(" started after "), "readiness");
    await watched.order("requests?count=8");
    await watched.order("health?status=503");
    await expectPeace(watched, "busy");
    assert(watched.said.includes("HTTP status 503"), watched.run.describe("it was asked"));
    await watched.order("requests?count=0");
    await watched.waitForLoad(2);
    await stopCleanly(watched.run);
  });

  it("spares nothing where it is off", async () => {
    await using watched = new Watched(supervisord!, "vllm", {
      ...JUDGED,
      PROCESS_HEALTH_BUSY_GRACE: "false",
    });
    await watched.waitForLoad();
    await watched.run.waitFor(() => watched.said.includes(" started after "), "readiness");
    await watched.order("requests?count=8");
    await watched.order("health?status=503");
    await watched.waitForLoad(2);
    await stopCleanly(watched.run);
  });
});
