import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { engine, readEvents, waitForEvent } from "../support/engines.ts";
import { isAlive, signalProcess } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Whatever a dead engine leaves is dead before the next one starts, and at every kind of end.
//
// Its workers here: in its group, in a session of its own, forked twice and handed to init, and one that
// has overwritten its environment, in the group or in its own session.

const [supervisord] = readSupervisords();

/** Before it becomes the engine: which workers of earlier ones live, zombies aside. */
const LOOK_BACK = `
for pid in $(sed -n 's/.*"workers": \\[\\([^]]*\\)\\].*/\\1/p' "$0/record" | tr -d ,); do
  grep -q '^State:.[^ZX]' "/proc/$pid/status" && echo "$pid" >>"$0/survivors"
done 2>/dev/null
exec "$@"`;

const CLOBBERED = ["group", "session"] as const;

function start(clobbered: typeof CLOBBERED[number], env: Record<string, string> = {}): Run {
  return new Run({
    supervisord,
    args: (directory) => [
      ...["/bin/sh", "-c", LOOK_BACK, directory],
      ...engine(supervisord!, "--record", `${directory}/record`, "--leave-workers"),
      ...["--workers", "3", "--daemon-worker", "--clobber-environ-worker", clobbered],
    ],
    // Every death is that of a started engine.
    env: { SUPERVISOR_PROGRAM_STARTSECS: "0", ...env },
  });
}

/** Every worker that was ever recorded. */
function readWorkers(run: Run): number[] {
  return readEvents(run).flatMap(({ workers }) => workers ?? []);
}

async function waitForLoad(run: Run, times = 1): Promise<number> {
  const { pid } = await waitForEvent(run, "loaded", times);
  const workers = readEvents(run).findLast(({ event }) => event === "workers")?.workers ?? [];
  assertEquals(workers.length, 5, run.describe("workers"));
  assertEquals(workers.filter(isAlive), workers, run.describe("live workers"));
  return pid;
}

/** Waits for the end; nothing of any engine may be left after it. */
async function expectEnd(run: Run, code: number): Promise<void> {
  const end = await run.waitForEnd();
  const left = readWorkers(run).filter(isAlive);
  for (const pid of left) signalProcess(pid, "SIGKILL");
  const text = run.describe(`workers ${readWorkers(run)}`);
  assertEquals({ code: end.code, left }, { code, left: [] }, text);
  assertEquals(run.readLeft(), [], text);
  assertEquals(run.readTemporary(), [], text);
}

for (const clobbered of CLOBBERED) {
  describe(`sweep() with an illegible worker in its ${clobbered}`, () => {
    it("leaves nothing of a dead engine when the next one starts, twice", async () => {
      await using run = start(clobbered);
      for (let times = 1; times <= 2; times++) {
        signalProcess(await waitForLoad(run, times), "SIGKILL");
      }
      await waitForLoad(run, 3);
      assertEquals(run.read("survivors"), "", run.describe("alive at the next start"));
      const old = readEvents(run).filter(({ event }) => event === "workers").slice(0, 2);
      assertEquals(old.flatMap(({ workers }) => workers ?? []).filter(isAlive), []);
      run.signal("SIGTERM");
      await expectEnd(run, 0);
    });

    it("leaves nothing at give-up, at a stop, and when supervisord is killed", async () => {
      await Promise.all([
        (async () => {
          await using run = start(clobbered, { PROCESS_MAX_RECOVERY_ATTEMPTS: "0" });
          signalProcess(await waitForLoad(run), "SIGKILL");
          await expectEnd(run, 1);
        })(),
        (async () => {
          await using run = start(clobbered);
          await waitForLoad(run);
          run.signal("SIGTERM");
          await expectEnd(run, 0);
        })(),
        (async () => {
          await using run = start(clobbered);
          await waitForLoad(run);
          signalProcess(run.findSupervisord()!, "SIGKILL");
          await expectEnd(run, 125);
        })(),
      ]);
    });
  });
}

describe("sweep() with a sidecar", () => {
  it("leaves it and what it started alone until the end", async () => {
    const side =
      `/bin/sh -c 'setsid sleep 1000 & sleep 1000 & echo $$ $! >"$TMPDIR/../side"; wait'`;
    await using run = new Run({
      supervisord,
      args: (directory) =>
        engine(supervisord!, "--workers", "3", "--record", `${directory}/record`),
      env: { SUPERVISOR_PROGRAM_STARTSECS: "0", SUPERVISOR_PROGRAM__SIDE_COMMAND: side },
    });
    const { pid } = await waitForEvent(run, "loaded");
    const [sidecar] = await run.waitFor(() => run.readNumbers("side")[0], "the sidecar");
    const sleepers = run.readLeft().filter(({ command }) => command === "sleep 1000");
    assertEquals(sleepers.length, 2, run.describe("what the sidecar started"));
    signalProcess(pid, "SIGKILL");
    await waitForEvent(run, "loaded", 2);
    const pids = [sidecar!, ...sleepers.map(({ pid }) => pid)];
    assertEquals(pids.filter(isAlive), pids, run.describe("the sidecar and its processes"));
    run.signal("SIGTERM");
    await expectEnd(run, 0);
  });
});

describe("sweep() of two instances", () => {
  it("leaves the other instance's engine alone", async () => {
    await using first = start("session");
    await using second = start("session");
    const victim = await waitForLoad(first);
    await waitForLoad(second);
    const others = readWorkers(second);
    signalProcess(victim, "SIGKILL");
    await waitForLoad(first, 2);
    assertEquals(others.filter(isAlive), others, "the other instance's workers");
    first.signal("SIGTERM");
    await expectEnd(first, 0);
    assertEquals(others.filter(isAlive), others, "the other instance's workers");
    second.signal("SIGTERM");
    await expectEnd(second, 0);
  });
});
