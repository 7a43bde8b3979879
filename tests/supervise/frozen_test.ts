import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { pause, readMarked, signalProcess } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Time in which the whole container is frozen is nobody's: it counts for no deadline.

const [supervisord] = readSupervisords();

/** How long the container is frozen, ms: longer than the startup timeout. */
const FROZEN_MS = 8_000;

/** Loads for some 3 s of its own time, which stands still with it, then says that it is ready. */
const LOADS =
  `date "+%s%N $$" >>"$1/starts"; n=0; while [ $n -lt 60 ]; do sleep 0.05; n=$((n + 1)); done; ` +
  `: >"$1/ready"; exec sleep 1000`;

const FREEZER = "/sys/fs/cgroup/freezer";

/** Why there is no freezer here; `undefined` where there is. */
function findFreezerProblem(): string | undefined {
  try {
    const probe = Deno.makeTempDirSync({ dir: FREEZER, prefix: "probe-" });
    Deno.removeSync(probe);
    return undefined;
  } catch {
    return `needs ${FREEZER}`;
  }
}

async function freezeBySignals(marker: string): Promise<void> {
  // Ours first, so that it does not see the others stopped; and last to go on. Looked for until nobody new
  // is found: one that is just being spawned may be missed.
  const all: number[] = [];
  for (let found = [0]; found.length > 0;) {
    found = readMarked(marker).map(({ pid }) => pid).filter((pid) => !all.includes(pid));
    for (const pid of found.sort((a, b) => a - b)) signalProcess(pid, "SIGSTOP");
    all.push(...found);
  }
  await pause(FROZEN_MS);
  for (const pid of all.reverse()) signalProcess(pid, "SIGCONT");
}

/** Moves a process into a group; one that has just ended, as the engine's sleeps do, is left out. */
function moveTo(path: string, pid: string): void {
  try {
    Deno.writeTextFileSync(path, pid);
  } catch (error) {
    if (!/No such process/.test(String(error))) throw error;
  }
}

async function freezeByCgroup(marker: string): Promise<void> {
  const group = Deno.makeTempDirSync({ dir: FREEZER, prefix: "standard-supervisor-test-" });
  const write = (name: string, text: string) => Deno.writeTextFileSync(`${group}/${name}`, text);
  try {
    for (const { pid } of readMarked(marker)) moveTo(`${group}/cgroup.procs`, String(pid));
    write("freezer.state", "FROZEN");
    await pause(FROZEN_MS);
    write("freezer.state", "THAWED");
  } finally {
    for (const pid of Deno.readTextFileSync(`${group}/cgroup.procs`).split("\n")) {
      if (pid !== "") moveTo(`${FREEZER}/cgroup.procs`, pid);
    }
    await removeGroup(group);
  }
}

/** A process that is a zombie holds its group for a moment. */
async function removeGroup(group: string): Promise<void> {
  for (let round = 0;; round++) {
    try {
      return Deno.removeSync(group);
    } catch (error) {
      if (round > 200) throw error;
      await pause(10);
    }
  }
}

async function loadThrough(freeze: (marker: string) => Promise<void>): Promise<void> {
  const marker = `FROZEN_TEST=${crypto.randomUUID()}`;
  await using run = new Run({
    supervisord,
    args: (directory) => ["/bin/sh", "-c", LOADS, "engine", directory],
    env: (directory) => ({
      FROZEN_TEST: marker.slice("FROZEN_TEST=".length),
      PROCESS_HEALTH_COMMAND: `/bin/sh -c 'test -e "${directory}/ready"'`,
      PROCESS_HEALTH_PERIOD_SECS: "1",
      PROCESS_HEALTH_FAILURE_THRESHOLD: "1",
      PROCESS_HEALTH_TIMEOUT_SECS: "2",
      PROCESS_STARTUP_TIMEOUT_SECS: "6",
      PROCESS_MAX_START_RETRIES: "0",
    }),
  });
  // Only an engine that was seen to be up has a deadline.
  await run.waitFor(() => run.read("stderr").includes("health probe: "), "the first probe");
  await run.waitFor(() => run.readNumbers("starts").length > 0, "the engine's first word");
  await freeze(marker);
  const wasReady = [...Deno.readDirSync(run.directory)].some(({ name }) => name === "ready");
  assertEquals(wasReady, false, run.describe("the engine was not frozen"));
  await run.waitFor(() => / started after /.test(run.read("stderr")), "the engine's readiness");
  // Frozen a second time while it serves: the probe under way is no failed one.
  await freeze(marker);
  await pause(2_500); // Two probes or more, each of which would have condemned it.
  run.signal("SIGTERM");
  assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
  assertEquals(run.readNumbers("starts").length, 1, run.describe("starts"));
  assertEquals(run.readLeft(), []);
}

describe("supervise() in a frozen container", () => {
  it("counts frozen time for neither a load nor a probe: stopped by signals", () =>
    loadThrough(freezeBySignals));

  const problem = findFreezerProblem();
  const test = problem === undefined ? it : it.skip;
  test(`counts it for neither: the cgroup's freezer (${problem ?? "v1"})`, () =>
    loadThrough(freezeByCgroup));
});
