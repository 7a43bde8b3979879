import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import { readStarts, sleeper, waitForStart } from "../support/engines.ts";
import { asNobody, MOUNT_NAMESPACE_PROBLEM, NOBODY, onReadOnlyRoot } from "../support/isolation.ts";
import { itUnless } from "../support/needs.ts";
import { signalProcess } from "../support/processes.ts";
import { FIXTURES, Run, type RunOptions } from "../support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// Instances, users and file systems: nobody disturbs anybody, and a little room is enough.

const DEFAULT_CONFIG_PATH = "/tmp/supervisord.conf";

type Options = Partial<RunOptions> & { readonly supervisord: InstalledSupervisord };

function startSleeper(options: Options): Run {
  return new Run({ args: sleeper, ...options, env: { ...options.env } });
}

function readMode(path: string): string {
  return ((Deno.statSync(path).mode ?? 0) & 0o777).toString(8);
}

/** The first line, which names its owner. */
function readDefaultConfiguration(): string {
  try {
    return Deno.readTextFileSync(DEFAULT_CONFIG_PATH).split("\n", 1)[0] ?? "";
  } catch {
    return "";
  }
}

/** Kills one's engine while the other goes on, then stops the one, then restarts and stops the other. */
async function showIndependence(first: Run, second: Run): Promise<void> {
  const [killed] = await Promise.all([waitForStart(first), waitForStart(second)]);
  signalProcess(killed.pid, "SIGKILL");
  await waitForStart(first, 2);
  assertEquals(readStarts(second).length, 1);
  await stopCleanly(first);
  const [start, ...others] = readStarts(second);
  assertEquals(others.length, 0, second.describe("the other goes on"));
  signalProcess(start!.pid, "SIGKILL");
  await waitForStart(second, 2);
  await stopCleanly(second);
}

/** Runs below a `TMPDIR` whose name has a prefix, and looks at what is made there. */
async function showPrivateFiles(supervisord: InstalledSupervisord, prefix: string): Promise<void> {
  const directory = Deno.makeTempDirSync({ prefix });
  try {
    await using run = startSleeper({ supervisord, env: { TMPDIR: directory } });
    await waitForStart(run);
    const made = [...Deno.readDirSync(directory)].map(({ name }) => name);
    assertEquals(made.length, 1, `${made}`);
    assertEquals(readMode(`${directory}/${made[0]}`), "700");
    for (const { name, isFile } of Deno.readDirSync(`${directory}/${made[0]}`)) {
      if (!isFile || !name.endsWith(".conf")) continue;
      assertEquals(readMode(`${directory}/${made[0]}/${name}`), "600", name);
    }
    await stopCleanly(run);
    assertEquals([...Deno.readDirSync(directory)].length, 0, "files left behind");
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Links of another user in a directory like /tmp, and one of our own there. */
async function showLinks(supervisord: InstalledSupervisord): Promise<void> {
  const directory = Deno.makeTempDirSync({ prefix: "isolation-test-" });
  try {
    const shared = `${directory}/shared`;
    for (const path of [shared, `${directory}/own`]) Deno.mkdirSync(path);
    Deno.chmodSync(shared, 0o1777);
    const target = `${directory}/own/file.conf`;
    Deno.writeTextFileSync(target, "precious");
    Deno.symlinkSync(target, `${shared}/file`);
    Deno.symlinkSync(`${directory}/own`, `${shared}/directory`);
    Deno.symlinkSync(target, `${shared}/ours`);
    for (const name of ["file", "directory"]) {
      new Deno.Command("chown", { args: ["-h", String(NOBODY), `${shared}/${name}`] }).outputSync();
    }
    for (const path of [`${shared}/file`, `${shared}/directory/file.conf`]) {
      await using run = startSleeper({ supervisord, env: { SUPERVISOR_CONFIG_PATH: path } });
      assertEquals((await run.waitForEnd(5_000)).code, 1, run.describe(path));
      assertEquals(run.read("stderr").trim().split("\n").length, 1, run.describe(path));
      for (const part of ["SUPERVISOR_CONFIG_PATH", "symbolic link", String(NOBODY)]) {
        assert(run.read("stderr").includes(part), run.describe(part));
      }
      assertEquals(Deno.readTextFileSync(target), "precious");
    }
    const env = { SUPERVISOR_CONFIG_PATH: `${shared}/ours` };
    await using run = startSleeper({ supervisord, env });
    await waitForStart(run);
    await stopCleanly(run);
    assert(Deno.readTextFileSync(target).includes("[program:llm_engine]"), "our own is followed");
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Says who and where it is, on the container's stdout, and waits. */
const TELLS = 'echo "$$ ${TMPDIR-unset} ${TMP-unset} $(pwd) $(tr "\\0" " " </proc/$$/cmdline)"; ' +
  "while :; do sleep 0.05; done";

/** Kubernetes' `readOnlyRootFilesystem` with one place to write that Python does not look at. */
async function showReadOnlyRoot(
  supervisord: InstalledSupervisord,
  place: (directory: string) => { readonly writable: string; readonly assignments: string[] },
): Promise<void> {
  await using run = new Run({
    supervisord,
    args: ["sh", "-c", TELLS, "engine"],
    wrapper: (directory) => {
      const { writable, assignments } = place(directory);
      return [...onReadOnlyRoot(writable), "env", "-u", "TMPDIR", ...assignments];
    },
  });
  const readStarts = () =>
    run.read("stdout").split("\n").slice(0, -1).map((line) => line.split(" "));
  const [pid = "", ...told] = await run.waitFor(() => readStarts()[0], "the engine's start");
  assertEquals(told.slice(0, 3), ["unset", "unset", "/"], "as the container has it");
  assertEquals(told[3], "sh");
  signalProcess(Number(pid), "SIGKILL");
  await run.waitFor(() => readStarts()[1], "the engine's second start");
  // Nothing can be written at the default path, so it is said what supervisorctl is to be given.
  const [, path = ""] = / INFO .*supervisorctl works with -c (\S+),/.exec(run.read("stderr")) ?? [];
  const supervisorctl = supervisord.path.replace(/supervisord$/, "supervisorctl");
  const program = String(await run.waitFor(() => run.findProgram(), "the program"));
  const { stdout } = await new Deno.Command("nsenter", {
    args: ["-t", program, "-m", supervisord.python, supervisorctl, "-c", path, "status"],
    env: { TMPDIR: path.replace(/[^/]*$/, "") },
  }).output();
  const status = new TextDecoder().decode(stdout);
  assert(/^llm_engine +RUNNING/m.test(status), run.describe(`${path}: ${status}`));
  await stopCleanly(run);
}

/** supervisord's log, which alone tells the signal, in a directory that begins as a device's. */
async function showSharedMemory(supervisord: InstalledSupervisord): Promise<void> {
  await using run = new Run({
    supervisord,
    args: ["sh", "-c", "ulimit -c 0; kill -SEGV $$"],
    env: {
      TMPDIR: "/dev/shm",
      PROCESS_MAX_START_RETRIES: "0",
      PROCESS_GIVE_UP_EXIT_CODE: "engine",
    },
  });
  assertEquals((await run.waitForEnd()).code, 139, run.describe("exit code"));
}

/** As `docker run -v ./supervisord.conf:/etc/supervisord.conf` mounts it. */
async function showMount(supervisord: InstalledSupervisord): Promise<void> {
  await using run = startSleeper({
    supervisord,
    wrapper: (directory) => {
      Deno.mkdirSync(`${directory}/etc`);
      for (const path of [`${directory}/outside.conf`, `${directory}/etc/inside.conf`]) {
        Deno.writeTextFileSync(path, "x".repeat(100_000), { mode: 0o644 });
      }
      const script = 'mount --bind "$0/outside.conf" "$0/etc/inside.conf" || exit 99; ' +
        'SUPERVISOR_CONFIG_PATH="$0/etc/inside.conf" exec "$@"';
      return ["unshare", "-m", "sh", "-c", script, directory];
    },
  });
  await waitForStart(run);
  await stopCleanly(run);
  const text = run.read("outside.conf");
  assert(text.includes("[program:llm_engine]") && !text.includes("xxx"), text);
  assertEquals(readMode(run.path("outside.conf")), "600");
  assertEquals([...Deno.readDirSync(run.path("etc"))].length, 1, "nothing else is left");
}

const itIsolated = itUnless(MOUNT_NAMESPACE_PROBLEM);

for (const supervisord of readSupervisords()) {
  describe(`prepareRun() with supervisord ${supervisord.version}`, () => {
    it("keeps two instances apart that have the default configuration path", async () => {
      await using first = startSleeper({ supervisord });
      await using second = startSleeper({ supervisord });
      await showIndependence(first, second);
      // Other programs of this machine may use it too.
      const owner = /pid (\d+)/.exec(readDefaultConfiguration())?.[1];
      const ours = [first.pid, second.pid].includes(Number(owner));
      assert(!ours, "the default configuration is removed");
    });

    it("keeps two instances apart that name the same configuration path", async () => {
      const directory = Deno.makeTempDirSync({ prefix: "isolation test-" });
      try {
        // Blanks and a percent sign in paths, for good measure.
        const env = { SUPERVISOR_CONFIG_PATH: `${directory}/our 100%.conf` };
        await using first = startSleeper({ supervisord, env });
        await using second = startSleeper({ supervisord, env });
        await showIndependence(first, second);
        assertEquals(readMode(env.SUPERVISOR_CONFIG_PATH), "600");
        assert(Deno.readTextFileSync(env.SUPERVISOR_CONFIG_PATH).includes("[program:llm_engine]"));
        assertEquals([...Deno.readDirSync(directory)].length, 1, "nothing else is left");
      } finally {
        Deno.removeSync(directory, { recursive: true });
      }
    });

    it("makes files for its owner only below TMPDIR, and removes them", () =>
      showPrivateFiles(supervisord, "isolation test-"));

    it("goes elsewhere with a TMPDIR that supervisord's configuration cannot name", async () => {
      const directory = Deno.makeTempDirSync({ prefix: "100%(here)s ; #-" });
      try {
        await using run = startSleeper({ supervisord, env: { TMPDIR: directory } });
        const { pid } = await waitForStart(run);
        assertEquals([...Deno.readDirSync(directory)].length, 0, "it was used");
        signalProcess(pid, "SIGKILL");
        await waitForStart(run, 2);
        await stopCleanly(run);
      } finally {
        Deno.removeSync(directory, { recursive: true });
      }
    });

    it("refuses a configuration path that cannot be written, on one line", async () => {
      // Its stdout is a regular file here, which must not be replaced either.
      for (const path of ["/proc/none/x.conf", "/dev/stdout", "/proc/self/fd/1", "/tmp"]) {
        await using run = startSleeper({ supervisord, env: { SUPERVISOR_CONFIG_PATH: path } });
        await expectEnd(run, 1, { deadlineMs: 5_000 });
        const lines = run.read("stderr").trim().split("\n");
        assertEquals(lines.length, 1, run.describe(path));
        assert(lines[0]!.includes("SUPERVISOR_CONFIG_PATH"), run.describe(path));
        assert(lines[0]!.includes(path), run.describe(path));
        assertEquals(run.read("stdout"), "");
      }
    });

    itUnless(Deno.uid() === 0 ? undefined : "needs root")(
      "refuses a configuration path through another user's link where all may write",
      () => showLinks(supervisord),
    );

    itIsolated(
      "knows the engine's signal with its run directory in /dev/shm",
      () => showSharedMemory(supervisord),
    );

    itIsolated(
      "runs on a read-only root with XDG_RUNTIME_DIR alone",
      () =>
        showReadOnlyRoot(supervisord, (directory) => ({
          writable: `${directory}/tmp`,
          assignments: [`XDG_RUNTIME_DIR=${directory}/tmp`],
        })),
    );

    itIsolated(
      "runs on a read-only root with /dev/shm alone",
      () => showReadOnlyRoot(supervisord, () => ({ writable: "/dev/shm", assignments: [] })),
    );

    itIsolated(
      "writes a configuration that is mounted by itself in place",
      () => showMount(supervisord),
    );

    itIsolated(
      "writes in place what is its own in a directory that is not, and nobody else's file",
      async () => {
        for (const [owner, code] of [[NOBODY, 0], [NOBODY - 1, 1]] as const) {
          const { wrapper, env } = asNobody(supervisord.python);
          await using run = startSleeper({
            supervisord,
            args: ["true"],
            env: { ...env, SUPERVISOR_PROGRAM_AUTORESTART: "false" },
            wrapper: (directory) => {
              Deno.chmodSync(directory, 0o755);
              Deno.chownSync(`${directory}/tmp`, NOBODY, NOBODY);
              const path = `${directory}/file.conf`;
              Deno.writeTextFileSync(path, "theirs");
              Deno.chmodSync(path, 0o666);
              Deno.chownSync(path, owner, owner);
              return [...wrapper, "/usr/bin/env", `SUPERVISOR_CONFIG_PATH=${path}`];
            },
          });
          assertEquals((await run.waitForEnd()).code, code, run.describe(`owned by ${owner}`));
          assertEquals(run.read("file.conf") === "theirs", code === 1, `owned by ${owner}`);
          if (code === 0) assertEquals(readMode(run.path("file.conf")), "600");
        }
      },
    );

    itIsolated("runs as an ordinary user", async () => {
      const { wrapper, env } = asNobody(supervisord.python);
      await using run = startSleeper({
        supervisord,
        env,
        wrapper: (directory) => {
          for (const path of [directory, `${directory}/tmp`]) Deno.chownSync(path, NOBODY, NOBODY);
          return wrapper;
        },
      });
      const { pid } = await waitForStart(run);
      const status = Deno.readTextFileSync(`/proc/${pid}/status`);
      assert(/^Uid:\t65534\t/m.test(status), status);
      signalProcess(pid, "SIGKILL");
      await waitForStart(run, 2);
      await stopCleanly(run);
    });

    itIsolated("runs on a read-only root with one writable directory", async () => {
      await using run = startSleeper({
        supervisord,
        args: (directory) => [`${FIXTURES}/records_start.sh`, `${directory}/tmp/starts`],
        wrapper: (directory) => onReadOnlyRoot(`${directory}/tmp`),
      });
      // Its files are seen through the program's own mount namespace only.
      const program = await run.waitFor(() => run.findProgram(), "the program");
      const root = `/proc/${program}/root${run.directory}`;
      const readLines = () => {
        try {
          return Deno.readTextFileSync(`${root}/tmp/starts`).split("\n").slice(0, -1);
        } catch {
          return [];
        }
      };
      const first = await run.waitFor(() => readLines()[0], "the engine's start");
      signalProcess(Number(first.split(" ")[1]), "SIGKILL");
      await run.waitFor(() => readLines()[1], "the engine's second start");
      const names = () => [...Deno.readDirSync(`${root}/tmp`)].map(({ name }) => name).sort();
      assertEquals(names().length, 2, `${names()}`);
      await stopCleanly(run);
    });
  });
}
