import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { stopCleanly } from "../support/ends.ts";
import { isAlive, settleAll, signalProcess } from "../support/processes.ts";
import { FIXTURES, Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// A hard limit of locks leaves no room for the marks: what else tells whose an orphan is has to do.

const [supervisord] = readSupervisords();
const PYTHON = "/usr/bin/python3";
const NO_ROOM = ["prlimit", "--locks=100:100"];

/**
 * Has two orphans that were never seen below it: one whose environment tells, in a session of its own, and one with
 * nothing that tells but its session, in which a worker was seen.
 */
const ENGINE = `
echo "$$" >>"$0/starts"
[ "$(wc -l <"$0/starts")" -gt 1 ] && exec sleep 1000
(setsid sh -c 'echo "$$" >"$0/told"; exec sleep 1000' "$0" &)
setsid sh -c 'until [ -e "$0/go" ]; do sleep 0.01; done
  ("$1" -S -I "$2/hides.py" "$0/placed" &)
  exec sleep 1000' "$0" "$1" "$2" &
exec sleep 1000`;

async function expectSwept(isLookedAt: boolean): Promise<void> {
  await using run = new Run({
    supervisord,
    args: (directory) => ["/bin/sh", "-c", ENGINE, directory, PYTHON, FIXTURES],
    wrapper: NO_ROOM,
  });
  const isStarted = () => run.read("stderr").includes(" started after ");
  if (isLookedAt) await run.waitFor(isStarted, "the engine");
  Deno.writeTextFileSync(run.path("go"), "");
  const pids = await settleAll(
    ["placed", "told"].map((name) => run.waitFor(() => run.readNumbers(name)[0]?.[0], name)),
  );
  signalProcess(run.readNumbers("starts")[0]![0]!, "SIGKILL");
  await run.waitFor(() => run.readNumbers("starts")[1], "the next engine");
  assertEquals(pids.map(isAlive), [false, false], run.describe("what the dead engine left"));
  await stopCleanly(run);
}

describe("Family without marks", () => {
  it("goes by the environment of an orphan, and by where it lies", () => expectSwept(true));

  // The orphan is a child of ours before its session's leader is, whose environment tells.
  it("knows where an orphan lies though it is seen before the others that lie there", () =>
    expectSwept(false));
});
