import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Libc, openLibc } from "../../src/linux/libc.ts";
import { Leftovers } from "../../src/cleanup/leftovers.ts";
import { expectEnd } from "../support/ends.ts";
import { type EngineEvent, readEvents, runAsChild, waitForEvent } from "../support/engines.ts";
import { AS_PID_1, NOBODY, PID_NAMESPACE_PROBLEM } from "../support/isolation.ts";
import { readTree } from "../support/namespace.ts";
import { itUnless } from "../support/needs.ts";
import { signalProcess } from "../support/processes.ts";
import { FIXTURES, Run } from "../support/run.ts";
import { SHARED_MEMORY_PROBLEM, SharedMemory } from "../support/shared_memory.ts";
import { readSupervisords } from "../support/supervisords.ts";

// What an engine leaves in /dev/shm and TMPDIR when it is killed together with its own cleaner.

const [supervisord] = readSupervisords();

const SEGMENT_KIB = 1024;

/** Three segments fit in, and what strangers have. */
const SHM_KIB = 3 * SEGMENT_KIB + 256;

function start(
  shm: SharedMemory,
  env: Record<string, string> = {},
  within: readonly string[] = [],
  ...args: string[]
): Run {
  return new Run({
    supervisord,
    args: (directory) => runAsChild(supervisord!, "shm_engine.py", directory, ...args),
    env: {
      SUPERVISOR_PROGRAM_STARTSECS: "0",
      PROCESS_MAX_RECOVERY_ATTEMPTS: "unlimited",
      PROCESS_ENGINE: "vllm",
      ...env,
    },
    // Nobody else's vLLM is seen in it.
    wrapper: [...shm.wrapper, ...within, ...AS_PID_1],
  });
}

/** The last engine's pid, and those of its worker and its cleaner. */
function readWorkers(run: Run): EngineEvent {
  return readEvents(run).findLast(({ event }) => event === "workers")!;
}

/** Signals processes by the pids that they know of themselves. */
function signalInner(run: Run, signal: Deno.Signal, pids: readonly (number | undefined)[]): void {
  const tree = readTree(run.pid);
  for (const pid of pids) {
    signalProcess(tree.find(({ innerPid }) => innerPid === pid)?.pid ?? 0, signal);
  }
}

/** Kills the engine and what would clean up after it. */
function killAll(run: Run): void {
  const { pid, workers: [worker, tracker] = [] } = readWorkers(run);
  signalInner(run, "SIGKILL", [tracker, worker, pid]);
}

async function findSegment(run: Run, times: number): Promise<string> {
  return (await waitForEvent(run, "loaded", times)).segment ?? "";
}

const onOwnMemory = itUnless(SHARED_MEMORY_PROBLEM ?? PID_NAMESPACE_PROBLEM);

/** The C library, whose kernel refuses the first leases. */
function refuseLeases(libc: Libc, times: number): Libc {
  const F_SETLEASE = 1024;
  return {
    ...libc,
    fcntl: (file, command, value) =>
      command === F_SETLEASE && times-- > 0 ? -1 : libc.fcntl(file, command, value),
  };
}

describe("Leftovers", () => {
  it("removes what is still mapped for a moment after the engine's death", async () => {
    const name = `psm_${crypto.randomUUID()}`;
    const place = { directory: "/dev/shm", files: [new RegExp(name)], sockets: [], looseFiles: [] };
    const present = Promise.resolve(new Map([[place.directory, new Set<string>()]]));
    const path = `${place.directory}/${name}`;
    try {
      for (const [refusals, removed] of [[3, 1], [1_000, 0]] as const) {
        Deno.writeTextFileSync(path, "");
        const libc = refuseLeases(openLibc()!, refusals);
        const { files } = await new Leftovers([place], libc, present).clear();
        assertEquals(files, removed, `${refusals} refusals`);
      }
    } finally {
      Deno.removeSync(path);
    }
  });

  onOwnMemory("keeps /dev/shm flat over crashes, and spares what is not the engine's", async () => {
    await using shm = await SharedMemory.mount(SHM_KIB);
    Deno.writeTextFileSync(shm.path("psm_01de4"), "older");
    await using run = start(shm, { SUPERVISOR_PROGRAM_STOPWAITSECS: "1" });
    await findSegment(run, 1);
    const others = ["psm_01de4", "psm_0ffe4", "psm_1155e4", "sagemaker_sessions", "unheard_of"];
    for (const name of others.slice(3)) Deno.writeTextFileSync(shm.path(name), "a stranger's");
    Deno.writeTextFileSync(shm.path("psm_0ffe4"), "another user's");
    Deno.chownSync(shm.path("psm_0ffe4"), NOBODY, NOBODY);
    await shm.use("psm_1155e4");
    for (let times = 1; times <= 4; times++) {
      const segment = await findSegment(run, times);
      assertEquals(shm.names, [segment, ...others].sort(), run.describe(`start ${times}`));
      killAll(run);
    }
    const last = await findSegment(run, 5);
    assert(shm.names.includes(last), run.describe("the last segment"));
    // At the end too, where it is killed rather than stopped.
    const { pid, workers: [, tracker] = [] } = readWorkers(run);
    signalInner(run, "SIGKILL", [tracker]);
    signalInner(run, "SIGSTOP", [pid]);
    signalProcess(run.findProgram()!, "SIGTERM");
    await expectEnd(run, 0);
    assertEquals(shm.names, others, run.describe("the end"));
    assertEquals(
      run.read("stderr").match(/removed 1 file that .* left in \/dev\/shm, 1.0 MiB/g)?.length,
      5,
    );
  });

  onOwnMemory(
    "leaves all of a command that no profile knows, and where it is told to",
    async () => {
      const cases: [Record<string, string>, boolean][] = [
        [{ PROCESS_SHM_CLEANUP: "off" }, true],
        [{ PROCESS_ENGINE: "none" }, true],
        [{ PROCESS_ENGINE: "auto" }, true],
        [{}, false],
      ];
      for (const [env, isLeft] of cases) {
        await using shm = await SharedMemory.mount(SHM_KIB);
        await using run = start(shm, env);
        const first = await findSegment(run, 1);
        killAll(run);
        const second = await findSegment(run, 2);
        const expected = isLeft ? [first, second].sort() : [second];
        assertEquals(shm.names, expected, run.describe(JSON.stringify(env)));
        signalProcess(run.findProgram()!, "SIGTERM");
        await expectEnd(run, 0);
      }
    },
  );

  onOwnMemory("removes sockets that nobody listens on any more from TMPDIR", async () => {
    await using shm = await SharedMemory.mount(SHM_KIB);
    await using run = start(shm, {}, [], "--sockets", "7");
    await findSegment(run, 1);
    const isOurs = (name: string) => /^[0-9a-f-]{36}$|^vllm_dist_/.test(name);
    const first = run.readTemporary().filter(isOurs);
    assertEquals(first.length, 8, run.describe(`${first}`));
    const [stranger, deserted] = [crypto.randomUUID(), crypto.randomUUID()];
    // Bare files of such names are no sockets.
    Deno.writeTextFileSync(run.path(`tmp/${deserted}`), "");
    using _listener = Deno.listen({ transport: "unix", path: run.path(`tmp/${stranger}`) });
    killAll(run);
    await findSegment(run, 2);
    const second = run.readTemporary().filter(isOurs);
    assertEquals(second.filter((name) => first.includes(name)), [], run.describe("left"));
    assertEquals(second.length, 10, run.describe(`${second}`));
    signalProcess(run.findProgram()!, "SIGTERM");
    await run.waitForEnd();
    const left = run.readTemporary().sort();
    assertEquals(left, [stranger, deserted].sort(), run.describe("the end"));
  });

  onOwnMemory("spares a file store on a volume, which another container may have", async () => {
    await using shm = await SharedMemory.mount(SHM_KIB);
    const script = 'mount --bind "$TMPDIR" "$TMPDIR" && exec "$@"';
    await using run = start(shm, {}, ["/bin/sh", "-c", script, "sh"], "--sockets", "1");
    await findSegment(run, 1);
    const find = () => run.readTemporary().filter((name) => name.startsWith("vllm_dist_"));
    const [store] = find();
    killAll(run);
    await findSegment(run, 2);
    assert(find().includes(store!), run.describe("spared"));
    signalProcess(run.findProgram()!, "SIGTERM");
    assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
    assertEquals(shm.names, []);
  });

  onOwnMemory("spares a file store while a process can be seen that may use it", async () => {
    await using shm = await SharedMemory.mount(SHM_KIB);
    await using run = start(shm, {}, [], "--sockets", "1");
    await findSegment(run, 1);
    const find = () => run.readTemporary().filter((name) => name.startsWith("vllm_dist_"));
    const [store] = find();
    const command = new Deno.Command("nsenter", {
      args: [
        ...["-t", String(run.findProgram()), "-p", "-m", "--"],
        ...["/bin/sh", "-c", "echo here && read -r _", `${FIXTURES}/vllm_like.py`],
      ],
      stdin: "piped",
      stdout: "piped",
    });
    await using user = command.spawn();
    const reader = user.stdout.getReader();
    await reader.read();
    await reader.cancel();
    killAll(run);
    await findSegment(run, 2);
    assert(find().includes(store!), run.describe("spared"));
    await user.stdin.close();
    await user.status;
    signalProcess(run.findProgram()!, "SIGTERM");
    await expectEnd(run, 0);
    assertEquals(shm.names, []);
  });
});
