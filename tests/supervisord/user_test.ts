import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MOUNT_NAMESPACE_PROBLEM, NOBODY, reachable } from "../support/isolation.ts";
import { waitUntil } from "../support/namespace.ts";
import { settleAll, signalProcess } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// supervisord and its programs as another user than the one that starts us: its output is ours anyway.

const STDIO = new URL("../support/stdio.py", import.meta.url).pathname;

const WAYS = ["pipe", "appended file", "truncated file", "terminal", "socket"] as const;

/** Says who it is on both streams, records its pid, and waits. */
const ENGINE = 'echo "out $(id -u)."; echo "err $(id -u)." >&2; echo "$$" >>"$1"; ' +
  "while :; do sleep 0.05; done";

/** Root as Docker and Kubernetes make it: without the capability that looks into other users' processes. */
const CONTAINED = ["setpriv", "--bounding-set", "-sys_ptrace", "--inh-caps", "-sys_ptrace"];

/** Puts a named pipe where it may, which waits indefinitely when it is opened. */
const MISCHIEF = 'for d in "$TMPDIR"/standard-supervisor-*; do mkfifo "$d/pipe"; done; ';

function startAs(
  supervisord: InstalledSupervisord,
  way: typeof WAYS[number],
  within: readonly string[] = [],
  before = "",
): Run {
  const open = way === "appended file" ? ">>" : ">";
  const { wrapper, env } = reachable(supervisord.python);
  return new Run({
    supervisord,
    args: (directory) => ["sh", "-c", before + ENGINE, "sh", `${directory}/tmp/starts`],
    env: { ...env, SUPERVISOR_SUPERVISORD_USER: "nobody", LOG_LEVEL: "critical" },
    wrapper: (directory) => {
      Deno.chmodSync(directory, 0o711);
      Deno.chmodSync(`${directory}/tmp`, 0o1777);
      if (!way.endsWith("file")) {
        const reader = [supervisord.python, "-S", "-I", STDIO, way];
        return [...wrapper, ...within, ...reader, `${directory}/out`, `${directory}/err`];
      }
      const script = `exec ${open}"$1" 2${open}"$2" && shift 2 && exec "$@"`;
      return [...wrapper, "/bin/sh", "-c", script, "sh", `${directory}/out`, `${directory}/err`];
    },
  });
}

/** Starts, is killed, starts again, is stopped. */
async function showUser(supervisord: InstalledSupervisord, way: typeof WAYS[number]) {
  await using run = startAs(supervisord, way);
  const readStarts = () => run.readNumbers("tmp/starts");
  const [first = 0] = await run.waitFor(() => readStarts()[0], `the start with a ${way}`);
  const status = Deno.readTextFileSync(`/proc/${first}/status`);
  assert(status.includes(`\nUid:\t${NOBODY}\t`), status);
  signalProcess(first, "SIGKILL");
  await run.waitFor(() => readStarts()[1], `the second start with a ${way}`);
  signalProcess(run.findProgram() ?? 0, "SIGTERM");
  assertEquals((await run.waitForEnd()).code, 0, run.describe(`exit code with a ${way}`));
  assertEquals(run.read("out"), `out ${NOBODY}.\n`.repeat(2), run.describe(way));
  assertEquals(run.read("err"), `err ${NOBODY}.\n`.repeat(2), run.describe(way));
  assertEquals(run.readLeft(), [], run.describe(way));
  assertEquals(run.readTemporary(), ["starts"]);
}

for (const supervisord of readSupervisords()) {
  const title = `SUPERVISOR_SUPERVISORD_USER works with supervisord ${supervisord.version}`;
  describe(title, () => {
    if (MOUNT_NAMESPACE_PROBLEM !== undefined) {
      it.skip(`on every kind of output (${MOUNT_NAMESPACE_PROBLEM})`, () => {});
      return;
    }
    it("on every kind of output", async () => {
      await settleAll(WAYS.map((way) => showUser(supervisord, way)));
    });

    it("without CAP_SYS_PTRACE", async () => {
      await using run = startAs(supervisord, "pipe", CONTAINED);
      const read = () => run.read("out") + run.read("err");
      const text = `out ${NOBODY}.\nerr ${NOBODY}.\n`;
      await run.waitFor(() => read() === text || undefined, "the output");
      signalProcess(run.findProgram() ?? 0, "SIGTERM");
      assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
    });

    it("where it puts a named pipe into the run directory", async () => {
      await using run = startAs(supervisord, "pipe", [], MISCHIEF);
      const readStarts = () => run.readNumbers("tmp/starts");
      const [first = 0] = await run.waitFor(() => readStarts()[0], "the start");
      signalProcess(first, "SIGKILL");
      await run.waitFor(() => readStarts()[1], "the second start");
      signalProcess(run.findProgram() ?? 0, "SIGTERM");
      assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
      assertEquals(run.readTemporary(), ["starts"]);
    });

    it("and nothing is left when standard-supervisor is killed", async () => {
      await using run = startAs(supervisord, "pipe");
      await run.waitFor(() => run.readNumbers("tmp/starts")[0], "the start");
      signalProcess(run.findProgram() ?? 0, "SIGKILL");
      await waitUntil(
        run,
        () => run.readLeft().length === 0 && run.readTemporary().length === 1,
        "the end of everything",
      );
    });
  });
}
