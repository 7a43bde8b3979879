import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { stopCleanly } from "../support/ends.ts";
import { readEvents, recordingEngine, waitForEvent } from "../support/engines.ts";
import { MOUNT_NAMESPACE_PROBLEM, reachable } from "../support/isolation.ts";
import { readTree, waitUntil } from "../support/namespace.ts";
import { itUnless } from "../support/needs.ts";
import { isAlive, signalProcess, wallMs } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// The program itself is killed while it is not PID 1: nothing runs on without it.

const [supervisord] = readSupervisords();

/** How long the engine may run on, ms. */
const ALONE_MS = 7_000;

const ENGINES: readonly (readonly string[])[] = [
  ["--clobber-environ-worker", "group"],
  ["--clobber-environ-worker", "session"],
  ["--clobber-environ-worker", "session", "--ignore-term"],
  ["--clobber-environ-worker", "session", "--drain-secs", "60"],
];

function start(args: readonly string[]): Run {
  return new Run({
    supervisord,
    args: (directory) =>
      recordingEngine(supervisord!, directory, "--workers", "3", "--daemon-worker", ...args),
  });
}

describe("startGuard()", () => {
  it("ends the engine and all its workers when the program is killed", async () => {
    await Promise.all(ENGINES.map(async (args) => {
      await using run = start(args);
      const { pid } = await waitForEvent(run, "loaded");
      const processes = [
        ...[pid, run.findSupervisord()!],
        ...readEvents(run).flatMap(({ workers }) => workers ?? []),
      ];
      assertEquals(processes.length, 7, run.describe("processes"));
      assertEquals(processes.filter(isAlive), processes, run.describe("live processes"));
      const killedMs = wallMs();
      assert(run.signal("SIGKILL"));
      try {
        await waitUntil(
          run,
          () => !processes.some(isAlive) && run.readTemporary().length === 0,
          `the end of ${processes}, of which live ${processes.filter(isAlive)}`,
        );
      } finally {
        for (const left of processes) signalProcess(left, "SIGKILL");
      }
      const tookMs = wallMs() - killedMs;
      assert(tookMs < ALONE_MS, run.describe(`${args}: took ${tookMs} ms`));
      assertEquals(run.readLeft(), [], run.describe("left behind"));
    }));
  });

  it("does not hold up the end though somebody has stopped it", async () => {
    await using run = start([]);
    await waitForEvent(run, "loaded");
    const guard = readTree(run.pid).find(({ command }) => / guard \d+ /.test(command));
    assert(signalProcess(guard!.pid, "SIGSTOP"), run.describe("the guard"));
    await stopCleanly(run);
  });

  it("stops the engine with its own signal first", async () => {
    await using run = start([]);
    await waitForEvent(run, "loaded");
    run.signal("SIGKILL");
    await waitUntil(
      run,
      () => readEvents(run).some(({ event, code }) => event === "exit" && code === 0),
      "the engine's own exit",
    );
    await waitUntil(run, () => run.readLeft().length === 0, "everybody's end");
    assertEquals(readEvents(run).find(({ event }) => event === "term")?.signal, "TERM");
  });

  for (const [name, isOther] of [["", false], [", as another user", true]] as const) {
    itUnless(isOther ? MOUNT_NAMESPACE_PROBLEM : undefined)(
      `lets the engine print while it drains${name}`,
      async () => {
        const script = `trap 'sleep 0.3; echo one; echo two >&2; echo >"$0/drained"; exit' TERM
      set -e; echo >"$0/up"; while :; do sleep 0.05 || :; done`;
        const { wrapper, env } = isOther
          ? reachable(supervisord!.python)
          : { wrapper: [], env: {} };
        await using run = new Run({
          supervisord,
          args: (directory) => ["/bin/sh", "-c", script, directory],
          env: { ...env, ...isOther ? { SUPERVISOR_SUPERVISORD_USER: "nobody" } : {} },
          wrapper: (directory) => {
            Deno.chmodSync(directory, 0o777);
            Deno.chmodSync(`${directory}/tmp`, 0o1777);
            return wrapper;
          },
        });
        await waitUntil(run, () => run.read("up") !== "", "the engine");
        signalProcess(run.findProgram()!, "SIGKILL");
        await waitUntil(run, () => run.readLeft().length === 0, "everybody's end");
        assert(run.read("drained") !== "", run.describe("the drain"));
      },
    );
  }

  it("leaves no shell behind where the program ends as it should", async () => {
    await using run = start([]);
    await waitForEvent(run, "loaded");
    const shell = findShell(run);
    assert(isAlive(shell));
    await stopCleanly(run, "SIGTERM", { pids: () => [shell] });
  });
});

/** The shell has no environment that could tell whose it is. */
function findShell(run: Run): number {
  const children = Deno.readTextFileSync(`/proc/${run.pid}/task/${run.pid}/children`);
  for (const pid of children.split(" ").filter((text) => text !== "")) {
    if (Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("\0guard\0")) return Number(pid);
  }
  throw new Error(run.describe("no guard"));
}
