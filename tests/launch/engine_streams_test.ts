import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { findReadPipe } from "../../src/output/held_pipes.ts";
import { NOBODY } from "../support/isolation.ts";
import { makeCommand, Run, type RunOptions } from "../support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// The engine's stdin: the container's where there is one, else nothing, at once. Its output: pipes of ours, where
// supervisord has no part in it.

const ONCE = { SUPERVISOR_PROGRAM_AUTORESTART: "false" };

/** Gives the program a pipe with a few bytes and an end. */
const PIPED = ["/bin/sh", "-c", 'printf "a\\0b" | "$@"', "sh"];

/** Reads to the end, then shows its environment's names. */
const READ = ["sh", "-c", 'cat; echo "."'];

/** Prints numbers on both streams. */
const COUNTS = 'i=0; while :; do i=$((i + 1)); echo "$i"; echo "$i" >&2; sleep 0.05; done';

/** Runs an engine to its end, which must be its own, and gives what it wrote. */
async function readOutput(
  supervisord: InstalledSupervisord,
  options: Partial<RunOptions>,
): Promise<string> {
  await using run = new Run({
    supervisord,
    args: READ,
    ...options,
    env: { ...ONCE, ...options.env },
  });
  assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
  return run.read("stdout");
}

for (const supervisord of readSupervisords()) {
  describe(`planStreams() with supervisord ${supervisord.version}`, () => {
    it("gives the engine the container's stdin, with its end", async () => {
      assertEquals(await readOutput(supervisord, { wrapper: PIPED }), "a\0b.\n");
    });

    it("gives it nothing where the container has none, or another user may not read it", async () => {
      assertEquals(await readOutput(supervisord, {}), ".\n");
      if (Deno.uid() !== 0) return;
      const env = { SUPERVISOR_PROGRAM_USER: String(NOBODY), SUPERVISOR_PROGRAM_DIRECTORY: "/" };
      assertEquals(await readOutput(supervisord, { wrapper: PIPED, env }), ".\n");
    });

    it("gives each run a file from its beginning, and a pipe from where the last one stopped", async () => {
      const env = { SUPERVISOR_PROGRAM_AUTORESTART: "true", PROCESS_MAX_START_RETRIES: "1" };
      const args = ["sh", "-c", 'read -r line; echo "$line"; exit 1'];
      for (
        const [feed, expected] of [
          ['printf "one\\ntwo\\n" >"$TMPDIR/lines"; exec "$@" <"$TMPDIR/lines"', "one\none\n"],
          ['printf "one\\ntwo\\n" | "$@"', "one\ntwo\n"],
        ] as const
      ) {
        await using run = new Run({
          supervisord,
          args,
          env,
          wrapper: ["/bin/sh", "-c", feed, "sh"],
        });
        await run.waitForEnd();
        assertEquals(run.read("stdout"), expected, run.describe(feed));
      }
    });

    it("leaves a host program its own stdin", async () => {
      const host = (env: Record<string, string>) => ({
        command: () =>
          makeCommand(
            [JSON.stringify({ argv: READ })],
            ["-A"],
            "tests/fixtures/hosts/launches.ts",
          ),
        wrapper: PIPED,
        env,
      });
      for (const env of [{}, { PROCESS_AUTO_RECOVERY: "false" }]) {
        assertEquals((await readOutput(supervisord, host(env))).split("\n")[0], ".");
      }
    });

    it("changes nothing of the environment, nor of the arguments", async () => {
      const show = ["/bin/sh", "-c", 'tr "\\0" "\\n" </proc/$$/environ | sort; printf "%s|" "$@"'];
      const odd = ["sh", "a b", "it's; #%(x)s", "\u00e9\r", "", "line\nfeed"];
      const inherited = ["env", "-u", "PWD", "-u", "OLDPWD", "-u", "SHLVL", "-u", "_"];
      const read = async (wrapper: string[], env: Record<string, string>) => {
        const text = await readOutput(supervisord, {
          args: [...show, ...odd],
          wrapper: [...inherited, ...wrapper],
          env: { ...env, LOG_LEVEL: "critical" },
        });
        const ours = /^(SUPERVISOR|STANDARD_SUPERVISOR|TMPDIR|SUPERVISION_|LC_CTYPE|PROCESS_)/;
        return text.split("\n").filter((line) => !ours.test(line));
      };
      const direct = await read([], { PROCESS_AUTO_RECOVERY: "false" });
      assertEquals(await read([], {}), direct);
      // No shell passes such a name on.
      const dotted = await read(["env", "my.dotted-name=1"], {});
      assert(dotted.includes("my.dotted-name=1"), dotted.join("\n"));
    });

    it("still ends with 127 where the command is gone at a restart", async () => {
      await using run = new Run({
        supervisord,
        args: (directory) => {
          const path = `${directory}/engine`;
          Deno.writeTextFileSync(path, '#!/bin/sh\necho $$ >"$0.pid"\nexec sleep 1000\n', {
            mode: 0o755,
          });
          return [path];
        },
      });
      const pid = await run.waitFor(
        () => Number(run.read("engine.pid")) || undefined,
        "the engine",
      );
      await run.waitFor(() => run.read("stderr").includes("started"), "its start");
      Deno.removeSync(run.path("engine"));
      Deno.kill(pid, "SIGKILL");
      assertEquals((await run.waitForEnd()).code, 127, run.describe("exit code"));
    });

    it("needs no supervisord for the engine's output", async () => {
      await using run = new Run({ supervisord, args: ["sh", "-c", COUNTS] });
      await run.waitFor(() => run.read("stdout").includes("2\n"), "its output");
      const pid = run.findSupervisord();
      assert(pid !== undefined, "supervisord");
      Deno.kill(pid, "SIGSTOP");
      const [stdout, stderr] = [run.read("stdout"), run.read("stderr")];
      await run.waitFor(() => run.read("stdout").length > stdout.length + 10, "more on stdout");
      await run.waitFor(() => run.read("stderr").length > stderr.length + 10, "more on stderr");
      Deno.kill(pid, "SIGCONT");
    });

    it("leaves supervisord's pipes where it has a part in the output, or the engine another user", async () => {
      const cases: Record<string, string>[] = [
        { SUPERVISOR_PROGRAM_STDOUT_EVENTS_ENABLED: "true" },
        { SUPERVISOR_SUPERVISORD_STRIP_ANSI: "true" },
        { SUPERVISOR_PROGRAM_STDOUT_LOGFILE: "/dev/null" },
      ];
      if (Deno.uid() === 0) {
        cases.push({ SUPERVISOR_PROGRAM_USER: String(NOBODY), SUPERVISOR_PROGRAM_DIRECTORY: "/" });
      }
      for (const env of [{ LOG_LEVEL: "info" }, ...cases]) {
        await using run = new Run({
          supervisord,
          args: ["sh", "-c", `echo "$$" >&2; ${COUNTS}`],
          env,
        });
        const pid = await run.waitFor(
          () => /^(\d+)\n1\n/m.exec(run.read("stderr"))?.[1],
          "the engine's pid",
        );
        const parent = run.findSupervisord();
        assert(parent !== undefined, "supervisord");
        const reads = [...Deno.readDirSync(`/proc/${parent}/fd`)].flatMap(({ name }) => {
          const path = `/proc/${parent}/fd/${name}`;
          return findReadPipe(path) ?? [];
        });
        const isTheirs = reads.includes(Deno.readLinkSync(`/proc/${pid}/fd/1`));
        assertEquals(isTheirs, cases.includes(env), JSON.stringify(env));
      }
    });
  });
}
