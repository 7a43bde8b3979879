import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isAlive, pause, settleAll, signalProcess, wallMs } from "../support/processes.ts";
import { FIXTURES, Run } from "../support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// A supervisord that does not answer, and that nobody may look into: as with Yama, gVisor, or fewer
// capabilities. Whether it hangs is then not known, and what is not known kills nothing.

const [supervisord] = readSupervisords();

/** A silent supervisord counts as hung after this, ms; and some more until that is acted on. */
const HUNG_MS = 30_000;
const PATIENCE_MS = 8_000;

/** Root, but without the capability that reads other processes' system calls. */
const BLIND = ["setpriv", "--bounding-set", "-sys_ptrace", "--inh-caps", "-sys_ptrace"];

function findProblem(): string | undefined {
  if (Deno.uid() !== 0) return "needs root";
  const [program = "", ...args] = [...BLIND, "true"];
  try {
    return new Deno.Command(program, { args, stderr: "null" }).outputSync().success
      ? undefined
      : "needs setpriv";
  } catch {
    return "needs setpriv";
  }
}

/** supervisord as it is, but closed to whoever may not trace it (PR_SET_DUMPABLE). */
function writeClosed(directory: string, { python }: InstalledSupervisord): string {
  const path = `${directory}/supervisord`;
  Deno.writeTextFileSync(
    path,
    `#!${python}\nimport ctypes\nctypes.CDLL(None).prctl(4, 0)\n` +
      "from supervisor.supervisord import main\nmain()\n",
  );
  Deno.chmodSync(path, 0o755);
  return path;
}

/** stdout is a pipe that nobody reads. */
const STALLED = "import os, sys\nr, w = os.pipe()\nos.set_inheritable(r, True)\nos.dup2(w, 1)\n" +
  "os.execvp(sys.argv[1], sys.argv[1:])";

const TALKS = 'echo "$$" >>"$0"; exec yes';

/** Runs an engine that talks without end. */
function start(
  env: (directory: string) => Record<string, string>,
  wrapper: readonly string[],
): Run {
  return new Run({
    supervisord,
    args: (directory) => ["/bin/sh", "-c", TALKS, `${directory}/starts`],
    env: (directory) => ({
      SUPERVISORD_PATH: writeClosed(directory, supervisord!),
      ...env(directory),
    }),
    wrapper: [...BLIND, ...wrapper],
  });
}

async function expectPatience(run: Run): Promise<void> {
  const [pid = 0] = await run.waitFor(() => run.readNumbers("starts")[0], "the engine");
  const untilMs = wallMs() + HUNG_MS + PATIENCE_MS;
  while (wallMs() < untilMs) {
    assertEquals(run.end, undefined, run.describe("it was taken for hung"));
    await pause(100);
  }
  assert(isAlive(pid), run.describe("the engine lives on"));
}

describe("SupervisordProcess where /proc/<pid>/syscall may not be read", () => {
  const problem = findProblem();
  const test = problem === undefined ? it : it.skip;
  test(`is not taken for hung without proof, and is with it (${problem ?? "as root"})`, async () => {
    await settleAll([
      (async () => {
        await using run = start(() => ({}), [supervisord!.python, "-S", "-I", "-c", STALLED]);
        await expectPatience(run);
        assert(!run.read("stderr").includes("waiting on"), run.describe("our output is full"));
      })(),
      (async () => {
        // Its own log is a pipe that only this process holds, and does not read.
        let fifo: Deno.FsFile | undefined;
        await using run = start((directory) => {
          const path = `${directory}/fifo`;
          new Deno.Command("mkfifo", { args: [path] }).outputSync();
          fifo = Deno.openSync(path, { read: true, write: true });
          return {
            SUPERVISOR_PROGRAM_STDOUT_LOGFILE: path,
            SUPERVISOR_PROGRAM_STDOUT_LOGFILE_MAXBYTES: "0",
          };
        }, []);
        await expectPatience(run);
        fifo?.close();
        assert(run.read("stderr").includes("waiting on"), run.describe("says what it cannot know"));
      })(),
      (async () => {
        await using run = new Run({
          supervisord,
          args: (directory) => [`${FIXTURES}/records_start.sh`, `${directory}/starts`],
          env: (directory) => ({ SUPERVISORD_PATH: writeClosed(directory, supervisord!) }),
          wrapper: BLIND,
        });
        await run.waitFor(() => run.readNumbers("starts")[0], "the engine");
        signalProcess(run.findSupervisord()!, "SIGSTOP");
        assertEquals((await run.waitForEnd(HUNG_MS * 2)).code, 125, run.describe("stopped"));
        assertEquals(run.readLeft(), [], run.describe("left"));
      })(),
    ]);
  });
});
