import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { stopCleanly } from "../support/ends.ts";
import {
  AS_PID_1,
  PID_NAMESPACE_PROBLEM,
  WITH_DOCKERS_CAPABILITIES,
} from "../support/isolation.ts";
import { readTree } from "../support/namespace.ts";
import { itUnless } from "../support/needs.ts";
import { isAlive, signalProcess } from "../support/processes.ts";
import { FIXTURES, makeCommand, Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Whose a process is when its title and environment say nothing: the engine's double-forked worker goes with
// the engine, a sidecar's daemon and what somebody has brought into the container do not.

const [supervisord] = readSupervisords();
const PYTHON = "/usr/bin/python3";

/** Leaves a daemon that hides, then goes on as an engine that is up. */
const ENGINE = `
"$1" -S -I "$2/hides.py" --daemon "$0/worker.$$"
echo "$$" >>"$0/starts"
exec sleep 1000`;

function start(env: Record<string, string>, wrapper: readonly string[]): Run {
  return new Run({
    supervisord,
    args: (directory) => {
      Deno.chmodSync(directory, 0o777); // An engine of another user writes there too.
      return ["/bin/sh", "-c", ENGINE, directory, PYTHON, FIXTURES];
    },
    env: {
      SUPERVISOR_PROGRAM_STARTSECS: "0",
      SUPERVISOR_PROGRAM__SIDE_COMMAND:
        `/bin/sh -c '${PYTHON} -S -I ${FIXTURES}/hides.py --daemon ` +
        `"$TMPDIR/../side"; exec sleep 1000'`,
      ...env,
    },
    wrapper,
  });
}

/** The pid out here of a process that has written its own into a file. */
function findOuter(run: Run, file: string): number | undefined {
  const inner = Number(run.read(file));
  return inner === 0
    ? undefined
    : readTree(run.pid).find(({ innerPid, isZombie }) => innerPid === inner && !isZombie)?.pid;
}

const isRunning = (run: Run, pid: number) =>
  readTree(run.pid).some((process) => process.pid === pid && !process.isZombie);

/** Brings a daemon into the container as `docker exec` does. */
async function bringStranger(run: Run): Promise<number> {
  const { success } = await new Deno.Command("nsenter", {
    args: [
      ...["-t", String(run.findProgram()), "-p", "-m", "--", PYTHON, "-S", "-I"],
      ...[`${FIXTURES}/hides.py`, "--daemon", run.path("stranger")],
    ],
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn().status;
  assertEquals(success, true, run.describe("nsenter"));
  return await run.waitFor(() => findOuter(run, "stranger"), "the stranger");
}

async function expectKinship(run: Run): Promise<void> {
  const engine = await run.waitFor(() => run.readNumbers("starts")[0]?.[0], "the engine");
  const worker = await run.waitFor(() => findOuter(run, `worker.${engine}`), "its worker");
  const side = await run.waitFor(() => findOuter(run, "side"), "the sidecar's daemon");
  const leader = readTree(run.pid).find(({ innerPid }) => innerPid === engine)!.pid;
  const stranger = await bringStranger(run);
  signalProcess(leader, "SIGKILL");
  await run.waitFor(() => run.readNumbers("starts")[1], "the next engine");
  assertEquals(
    [worker, side, stranger].map((pid) => isRunning(run, pid)),
    [false, true, true],
    run.describe("who lives: the engine's worker, the sidecar's daemon, the stranger"),
  );
  await stopCleanly(run);
  assertEquals([worker, side, stranger].map((pid) => isRunning(run, pid)), [false, false, false]);
}

const itInNamespace = itUnless(PID_NAMESPACE_PROBLEM);

describe("Family", () => {
  itInNamespace("knows its own though title and environment are overwritten", async () => {
    await using run = start({}, AS_PID_1);
    await expectKinship(run);
  });

  itInNamespace("knows an engine of another user under Docker's capabilities", async () => {
    await using run = start({ SUPERVISOR_PROGRAM_USER: "nobody" }, [
      ...AS_PID_1,
      ...WITH_DOCKERS_CAPABILITIES,
    ]);
    await expectKinship(run);
  });
});

describe("an instance inside another one's engine", () => {
  const inner = [...makeCommand([]), "/bin/sh", "-c"];
  const engine = `
echo "$$" >>"$0/starts"
[ "$(wc -l <"$0/starts")" -gt 1 ] && exec sleep 1000
sleep 2 # Long enough to be looked at from outside.
"$1" -S -I "$2/hides.py" --daemon "$0/worker" &
until [ -s "$0/worker" ]; do :; done
kill -KILL $$`;

  it("keeps its marks, and knows what the outer one has not marked", async () => {
    await using run = new Run({
      supervisord,
      args: (directory) => [...inner, engine, directory, PYTHON, FIXTURES],
      env: { SUPERVISOR_PROGRAM_STARTSECS: "0" },
    });
    await run.waitFor(() => run.readNumbers("starts")[1], "the next engine");
    const [[worker = 0] = []] = run.readNumbers("worker");
    assertEquals(isAlive(worker), false, run.describe("the dead engine's worker"));
    await stopCleanly(run, "SIGTERM", { pids: () => [worker] });
  });
});
