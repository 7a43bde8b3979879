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

/** How the run's files are opened, or what stands in their place. */
type Way = "pipe" | "socket" | "terminal" | "appended file" | "truncated file";

/** Runs the engine once, its output on what `way` names, and gives the digests of both streams. */
async function readOutput(
  supervisord: InstalledSupervisord,
  way: Way,
  bytes: number,
): Promise<{ code: number; digests: string[]; left: number; text: string }> {
  const isFile = way.endsWith("file");
  const open = way === "appended file" ? ">>" : ">";
  await using run = new Run({
    supervisord,
    args: python(supervisord, "binary_output.py", String(bytes)),
    env: ONCE,
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
    text: run.describe(`${bytes} bytes on a ${way}`),
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
    it("passes both streams on byte for byte on pipes, files, terminals and sockets", async () => {
      const results = await settleAll(ways.map(async ([way, bytes]) => ({
        expected: readExpected(supervisord, bytes),
        actual: await readOutput(supervisord, way, bytes),
      })));
      for (const { expected, actual: { code, digests, left, text } } of results) {
        assertEquals({ code, digests, left }, { code: 0, digests: expected, left: 0 }, text);
      }
    });

    for (const kind of ["closed", "closed-stdout"]) {
      it(`goes on where the reader has gone away: ${kind}`, async () => {
        const script = 'trap "" PIPE; head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; ' +
          'echo x >"$1"; exit 5';
        // A pipe that nobody reads any more may fill at one moment and not at the next.
        await settleAll(Array.from({ length: 4 }, async () => {
          await using run = new Run({
            supervisord,
            args: (directory) => ["sh", "-c", script, "sh", `${directory}/done`],
            env: ONCE,
            wrapper: (directory) => [
              ...[supervisord.python, "-S", "-I", STDIO, kind],
              ...[`${directory}/out`, `${directory}/err`],
            ],
          });
          await expectEnd(run, 5, { deadlineMs: 5_000 });
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
