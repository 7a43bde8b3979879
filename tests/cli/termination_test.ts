import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import { python, sleeper, waitForStart } from "../support/engines.ts";
import { asNobody, MOUNT_NAMESPACE_PROBLEM } from "../support/isolation.ts";
import { itOfFlags, itUnless } from "../support/needs.ts";
import { Run, type RunOptions } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Every ending that nobody asked for leaves its message where PROCESS_TERMINATION_LOG says, and no other does.

const supervisord = readSupervisords().at(-1)!;

const dies = (code: string) => python(supervisord, "dies_at_once.py", "0", code);

interface Case extends Partial<RunOptions> {
  readonly title: string;
  readonly code: number;
  /** What the first line must hold. */
  readonly says: string;
  /** How many attempts are told. */
  readonly attempts?: number;
}

const CASES: readonly Case[] = [
  {
    title: "gave up",
    args: dies("7"),
    env: { PROCESS_MAX_START_RETRIES: "1" },
    code: 1,
    says: "gave up: ",
    attempts: 2,
  },
  {
    title: "the engine ended with an error and no restart was due",
    args: dies("7"),
    env: { SUPERVISOR_PROGRAM_AUTORESTART: "false" },
    code: 7,
    says: "engine ended with exit code 7",
    attempts: 1,
  },
  {
    title: "supervisord failed",
    args: dies("7"),
    env: { SUPERVISORD_PATH: "/nonexistent/supervisord" },
    code: 125,
    says: "/nonexistent/supervisord",
  },
  {
    title: "the command is not found",
    args: ["no-such-engine"],
    code: 127,
    says: "no-such-engine",
  },
  { title: "the command cannot be executed", args: ["/usr"], code: 126, says: "/usr" },
  {
    title: "the configuration is wrong",
    args: dies("7"),
    env: { PROCESS_MAX_START_RETRIES: "many" },
    code: 1,
    says: "PROCESS_MAX_START_RETRIES",
  },
  {
    title: "what the model needs is not installed",
    args: dies("7"),
    env: (directory) => {
      Deno.writeTextFileSync(`${directory}/uv`, "#!/bin/sh\nexit 3\n", { mode: 0o755 });
      return { STANDARD_PIP_ARGS: "x", PATH: `${directory}:/usr/bin:/bin` };
    },
    code: 1,
    says: "uv ended with exit code 3",
  },
];

function start(options: Partial<RunOptions>, path = "termination"): Run {
  const { env } = options;
  return new Run({
    supervisord,
    args: sleeper,
    ...options,
    env: (directory) => ({
      PROCESS_TERMINATION_LOG: path.startsWith("/") ? path : `${directory}/${path}`,
      ...(typeof env === "function" ? env(directory) : env),
    }),
  });
}

describe("the termination message", () => {
  for (const { title, code, says, attempts = 0, ...options } of CASES) {
    it(`is left where ${title}`, async () => {
      await using run = start(options);
      await expectEnd(run, code);
      const [first = "", ...rest] = run.read("termination").split("\n");
      assert(first.includes(says) && !first.includes("standard-supervisor: "), run.describe(first));
      const told = rest.filter((line) => /^run \d+ of \S+: exit code 7 after /.test(line));
      assertEquals(told.length, attempts, rest.join("\n"));
      if (attempts > 0) assert(first.endsWith(`; exit code ${code}`), first);
    });
  }

  itOfFlags("is left where a permission is missing", async () => {
    await using run = start({
      command: undefined,
      args: dies("7"),
      permissions: ["--allow-env", "--allow-read", "--allow-write"],
    });
    await expectEnd(run, 1);
    const [first] = run.read("termination").split("\n");
    assert(first?.startsWith("Cannot run without permissions of Deno: --allow-run"), first);
  });

  it("is not left where somebody asked for the stop, nor after a success", async () => {
    await using stopped = start({});
    await waitForStart(stopped);
    await stopCleanly(stopped);
    await using done = start({
      args: dies("0"),
      env: { SUPERVISOR_PROGRAM_AUTORESTART: "false" },
    });
    await expectEnd(done, 0);
    for (const run of [stopped, done]) assertEquals(run.read("termination"), "");
  });

  it("is never in the way: what cannot be written is one warning", async () => {
    for (const path of ["/nonexistent/termination", "pipe"]) {
      await using run = start({
        args: ["no-such-engine"],
        env: (directory) => {
          new Deno.Command("mkfifo", { args: [`${directory}/pipe`] }).outputSync();
          return {};
        },
      }, path);
      await expectEnd(run, 127);
      const lines = run.read("stderr").split("\n").filter((line) => line.includes("termination"));
      assertEquals(lines.length, 1, run.describe(path));
      assert(/ WARN .*Cannot write the termination message to /.test(lines[0]!), lines[0]);
    }
  });

  it("is nobody's business where it is not asked for", async () => {
    await using run = new Run({ supervisord, args: ["no-such-engine"] });
    await expectEnd(run, 127);
    assert(!run.read("stderr").includes("termination"), run.describe("stderr"));
  });

  const itAsRoot = itUnless(MOUNT_NAMESPACE_PROBLEM);
  itAsRoot("goes to the kubelet's file, as another user than its owner too", async () => {
    const nobody = asNobody(supervisord.python);
    for (const user of [{ wrapper: [], env: {} }, nobody]) {
      await using run = new Run({
        supervisord,
        args: ["no-such-engine"],
        env: user.env,
        wrapper: (directory) => {
          Deno.chmodSync(directory, 0o777);
          Deno.writeTextFileSync(`${directory}/kubelet`, "what stood here before");
          Deno.chmodSync(`${directory}/kubelet`, 0o666);
          const before = Deno.statSync(`${directory}/kubelet`);
          assertEquals(before.uid, 0);
          return [...withTerminationLog(directory), ...user.wrapper];
        },
      });
      await run.waitForEnd();
      assert(
        run.read("kubelet").startsWith("Cannot run no-such-engine"),
        run.describe(run.read("kubelet")),
      );
      assert(!run.read("kubelet").includes("before"), run.read("kubelet"));
      assertEquals(Deno.statSync(run.path("kubelet")).uid, 0, "written in place");
    }
  });
});

/** A `/dev` of the command's own, with the kubelet's file mounted into it. */
const MOUNT_LOG = `
dev=$(mktemp -d) && mount -t tmpfs -o mode=755 tmpfs "$dev" || exit 99
for name in null zero full random urandom tty; do
  touch "$dev/$name" && mount --bind "/dev/$name" "$dev/$name" || exit 99
done
mkdir "$dev/shm" "$dev/pts" && chmod 1777 "$dev/shm" && ln -s /proc/self/fd "$dev/fd" || exit 99
for number in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/\${number%:*}" "$dev/\${number#*:}"; done
touch "$dev/termination-log" && mount --bind "$0" "$dev/termination-log" || exit 99
mount --rbind "$dev" /dev || exit 99
umount -l "$dev" && rmdir "$dev"
exec "$@"`;

function withTerminationLog(directory: string): string[] {
  return ["unshare", "-m", "sh", "-c", MOUNT_LOG, `${directory}/kubelet`];
}
