import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd } from "../support/ends.ts";
import { python } from "../support/engines.ts";
import { settleAll } from "../support/processes.ts";
import { makeCommand, Run } from "../support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// The engine's output: two streams, byte for byte, whatever the container's own output is.

/** The bench does 200 MB. */
const BYTES = 20_000_000;
const HALF_BYTES = 2_000_000;

/** An engine that writes once and is not to be started again. */
const ONCE = { SUPERVISOR_PROGRAM_AUTORESTART: "false", LOG_LEVEL: "critical" };

/** Through us, and straight from supervisord. */
const EVIDENCE = ["on", "off"] as const;
type Evidence = (typeof EVIDENCE)[number];

const STDIO = new URL("../support/stdio.py", import.meta.url).pathname;

async function digestFile(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", Deno.readFileSync(path));
  return new Uint8Array(digest).toHex();
}

/** The digests of stdout and stderr that binary_output.py will write. */
function readExpected(supervisord: InstalledSupervisord, bytes: number): string[] {
  const [program = "", ...args] = python(
    supervisord,
    "binary_output.py",
    String(bytes),
    "--digest",
  );
  const { stdout } = new Deno.Command(program, { args }).outputSync();
  return new TextDecoder().decode(stdout).trim().split("\n");
}

/** stdout is a pipe that nobody reads. */
const STALLED = "import os, sys\nr, w = os.pipe()\nos.set_inheritable(r, True)\nos.dup2(w, 1)\n" +
  "os.execvp(sys.argv[1], sys.argv[1:])";

/** stdout does not block, as other programs leave a pipe that they share. */
const NONBLOCKING =
  "import os, sys\nos.set_blocking(1, False)\nos.execvp(sys.argv[1], sys.argv[1:])";

/** Reads stdout into a file, when it has been full for a while. */
const LATE_READER = '"$@" | { sleep 2; cat >"$0/out"; }';

/** Prints more than all pipes hold, and as much again when it is told to end. */
const TALKS_TO_THE_END = 'trap "head -c 5000000 /dev/zero; echo end >>"$1"; exit 0" TERM; ' +
  'echo begin >>"$1"; yes & while :; do sleep 0.05; done';

const READERS_GONE = ["closed", "closed-stdout"].flatMap((kind) =>
  EVIDENCE.map((evidence) => [kind, evidence] as const)
);

/** @returns Whether a process waits in write(2), where that may be read. */
function readSystemCall(pid: number): "write" | "other" {
  const [number] = Deno.readTextFileSync(`/proc/${pid}/syscall`).split(" ");
  return number === (Deno.build.arch === "aarch64" ? "64" : "1") ? "write" : "other";
}

/** How the run's files are opened, or what stands in their place. */
type Way = "pipe" | "socket" | "terminal" | "appended file" | "truncated file";

/** Runs the engine once, its output on what `way` names, and gives the digests of both streams. */
async function readOutput(
  supervisord: InstalledSupervisord,
  way: Way,
  bytes: number,
  evidence: Evidence,
): Promise<{ code: number; digests: string[]; left: number; text: string }> {
  const isFile = way.endsWith("file");
  const open = way === "appended file" ? ">>" : ">";
  await using run = new Run({
    supervisord,
    args: python(supervisord, "binary_output.py", String(bytes)),
    env: { ...ONCE, PROCESS_LOG_EVIDENCE: evidence },
    wrapper: (directory) =>
      isFile
        ? [
          "/bin/sh",
          "-c",
          `exec ${open}"$1" 2${open}"$2" && shift 2 && exec "$@"`,
          "sh",
          `${directory}/out`,
          `${directory}/err`,
        ]
        : [supervisord.python, "-S", "-I", STDIO, way, `${directory}/out`, `${directory}/err`],
  });
  const { code } = await run.waitForEnd(40_000);
  return {
    code,
    digests: await Promise.all([digestFile(run.path("out")), digestFile(run.path("err"))]),
    left: run.readLeft().length,
    text: run.describe(`${bytes} bytes on a ${way}, evidence ${evidence}`),
  };
}

for (const supervisord of readSupervisords()) {
  describe(`relayOutput() with supervisord ${supervisord.version}`, () => {
    const ways: readonly (readonly [Way, number])[] = [
      ["pipe", BYTES],
      ["appended file", HALF_BYTES],
      ["truncated file", HALF_BYTES],
      ["terminal", HALF_BYTES],
      ["socket", BYTES],
    ];
    for (const evidence of EVIDENCE) {
      it(`passes both streams on byte for byte on pipes, files, terminals and sockets (evidence ${evidence})`, async () => {
        const results = await settleAll(ways.map(async ([way, bytes]) => ({
          expected: readExpected(supervisord, bytes),
          actual: await readOutput(supervisord, way, bytes, evidence),
        })));
        for (const { expected, actual: { code, digests, left, text } } of results) {
          assertEquals({ code, digests, left }, { code: 0, digests: expected, left: 0 }, text);
        }
      });

      it(`lets an engine stop that prints while the reader stalls (evidence ${evidence})`, async () => {
        await using run = new Run({
          supervisord,
          args: (directory) => ["sh", "-c", TALKS_TO_THE_END, "sh", `${directory}/events`],
          env: {
            SUPERVISOR_PROGRAM_STARTSECS: "0",
            SUPERVISOR_PROGRAM_STOPWAITSECS: "600",
            PROCESS_LOG_EVIDENCE: evidence,
          },
          wrapper: [supervisord.python, "-S", "-I", "-c", STALLED],
        });
        await run.waitFor(() => run.read("events").includes("begin"), "the engine");
        // With evidence the engine writes to us itself, else supervisord does for it.
        const findWriter = () =>
          evidence === "off"
            ? run.findSupervisord()
            : run.readLeft().find(({ command }) => command === "yes")?.pid;
        await run.waitFor(
          () => {
            const writer = findWriter();
            return writer !== undefined && readSystemCall(writer) === "write";
          },
          "the writer to be blocked",
        );
        run.signal("SIGTERM");
        assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
        assertEquals(run.read("events"), "begin\nend\n", run.describe("the engine's end"));
        assertEquals(run.readLeft(), [], run.describe("left"));
        // Where the engine writes to us, supervisord has no part in it and lives.
        const isKilled = run.read("stderr").includes("supervisord does not answer");
        assertEquals(isKilled, evidence === "off", run.describe("supervisord's end"));
      });
    }

    it("loses nothing where somebody has set our stdout to O_NONBLOCK, and it is full", async () => {
      await using run = new Run({
        supervisord,
        args: ["head", "-c", "5000000", "/dev/zero"],
        env: ONCE,
        wrapper: (directory) => [
          ...["/bin/sh", "-c", LATE_READER, directory],
          ...[supervisord.python, "-S", "-I", "-c", NONBLOCKING],
        ],
      });
      await run.waitForEnd();
      assertEquals(run.read("out").length, 5_000_000, run.describe("bytes"));
    });

    for (const [kind, evidence] of READERS_GONE) {
      it(`goes on where the reader has gone away: ${kind} (evidence ${evidence})`, async () => {
        const script = 'trap "" PIPE; head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; ' +
          'echo x >"$1"; exit 5';
        // A pipe that nobody reads any more may fill at one moment and not at the next.
        await settleAll(Array.from({ length: 4 }, async () => {
          await using run = new Run({
            supervisord,
            args: (directory) => ["sh", "-c", script, "sh", `${directory}/done`],
            env: { ...ONCE, PROCESS_LOG_EVIDENCE: evidence },
            wrapper: (directory) => [
              ...[supervisord.python, "-S", "-I", STDIO, kind],
              ...[`${directory}/out`, `${directory}/err`],
            ],
          });
          await expectEnd(run, 5);
          assertEquals(run.read("done"), "x\n", run.describe("the engine's end"));
          if (kind === "closed-stdout") {
            const text = run.read("err");
            assertEquals(text.replaceAll("\0", "").slice(0, 200), "", "only the engine on stderr");
            assertEquals(text.length, 1_000_000);
          }
        }));
      });
    }

    it("keeps several starts apart from our own words, and loses nothing at the end", async () => {
      const script = 'printf "out %s." "$1"; printf "err %s." "$1" >&2; exit 1';
      await using run = new Run({
        supervisord,
        args: ["sh", "-c", script, "sh", "\u00e9\ud83d\ude00%(x)s"],
        env: { PROCESS_MAX_START_RETRIES: "1", LOG_LEVEL: "critical" },
      });
      await expectEnd(run, 1);
      assertEquals(run.read("stdout"), "out \u00e9\ud83d\ude00%(x)s.".repeat(2));
      assertEquals(run.read("stderr"), "err \u00e9\ud83d\ude00%(x)s.".repeat(2));
    });

    it("says what it has to say on stderr only, one line an event", async () => {
      await using run = new Run({
        supervisord,
        args: ["sh", "-c", "exit 1"],
        env: { PROCESS_MAX_START_RETRIES: "0", LOG_LEVEL: "debug", LOG_FORMAT: "json" },
      });
      await expectEnd(run, 1);
      assertEquals(run.read("stdout"), "");
      const lines = run.read("stderr").trim().split("\n");
      assert(lines.length >= 2, run.describe("events"));
      for (const line of lines) assertEquals(typeof JSON.parse(line), "object", line);
    });
  });
}

Deno.test("replaceProcess() hands SIGPIPE over as the shell would", async () => {
  const command = makeCommand(["sh", "-c", "yes; echo $? >&2"]).map((word) => `'${word}'`).join(
    " ",
  );
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", `${command} | head -n 1`],
    env: { PROCESS_AUTO_RECOVERY: "false", DENO_NO_UPDATE_CHECK: "1" },
  }).output();
  assertEquals(code, 0);
  assertEquals(new TextDecoder().decode(stdout), "y\n");
  // 128 + 13: yes was ended by the signal, not by an error that it had to report.
  assertEquals(new TextDecoder().decode(stderr), "141\n");
});
