import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { makeCommand, Run, type RunOptions } from "../support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// launch() inside another program, from which it takes nothing.

type Options = Partial<RunOptions>;

/** A run of one of the host programs. */
function host(
  supervisord: InstalledSupervisord,
  program: string,
  args: (directory: string) => readonly string[],
  options: Options = {},
): Run {
  return new Run({
    supervisord,
    args: [],
    command: (directory) =>
      makeCommand(args(directory), options.permissions, `tests/fixtures/hosts/${program}`),
    ...options,
    env: { LOG_LEVEL: "warn", ...options.env },
  });
}

/** Waits for a host's end, which must be its own, and reads the object that it printed. */
async function readResult(run: Run, deadlineMs?: number) {
  const { code } = await run.waitForEnd(deadlineMs);
  assertEquals(code, 0, run.describe("exit code"));
  assertEquals(run.readLeft(), [], run.describe("left behind"));
  assertEquals(run.readTemporary(), [], run.describe("files left behind"));
  return JSON.parse(run.read("stdout").trim().split("\n").at(-1) ?? "");
}

/** Launches in a host and gives what it printed. */
async function launchIn(
  supervisord: InstalledSupervisord,
  orders: unknown,
  options: Options = {},
) {
  await using run = host(supervisord, "launches.ts", () => [JSON.stringify(orders)], options);
  return { ...await readResult(run), text: run.describe("") };
}

const DIRECT = { PROCESS_AUTO_RECOVERY: "false" };

for (const supervisord of readSupervisords()) {
  describe(`launch() with supervisord ${supervisord.version}`, () => {
    for (const adopt of ["adopt", "leave"]) {
      it(`gives each of 300 children of the host its own status (orphans: ${adopt})`, async () => {
        await using run = host(
          supervisord,
          "children.ts",
          (directory) => [adopt, `${directory}/flag`],
        );
        const { children, wrong, events } = await readResult(run, 60_000);
        assert(children >= 300, run.describe(`${children} children`));
        assertEquals(wrong, [], run.describe(`of ${children} children`));
        assertEquals(events.filter((kind: string) => kind !== "held"), [
          ...["spawned", "started", "died", "swept", "spawned", "recovered"],
          ...["died", "swept", "spawned", "recovered", "stopping", "stopped"],
        ]);
      });
    }

    it("runs twice in one program, and aborted once leaves the other alone", async () => {
      await using run = host(supervisord, "two_instances.ts", (directory) => [directory]);
      assertEquals(await readResult(run, 40_000), {
        first: { kind: "stopped", by: "the abort signal" },
        second: { kind: "stopped", by: "the test" },
        kinds: [
          ...["spawned", "started", "died", "swept", "spawned", "recovered"],
          ...["stopping", "stopped"],
        ],
        status: ["ended", "ended"],
      });
    });

    it("tells onEvent, whatever that throws, and stops the engine at the end of its scope", async () => {
      await using run = host(supervisord, "listens.ts", () => []);
      assertEquals(await readResult(run, 40_000), {
        kinds: ["spawned", "started", "stopping", "stopped"],
        hasPid: true,
        outcome: { kind: "stopped", by: "the end of its scope" },
      });
      assert(run.read("stderr").includes("onEvent failed at spawned: the first"), run.describe(""));
    });

    it("goes on with a log and an onEvent that fail at once or later, and says on stderr what that did not take", async () => {
      await using run = host(supervisord, "log_throws.ts", () => []);
      assertEquals(await readResult(run, 40_000), {
        outcome: { kind: "stopped", by: "the test" },
        kinds: [
          ...["spawned", "started", "died", "swept", "spawned", "recovered"],
          ...["stopping", "stopped"],
        ],
      });
      const said = run.read("stderr");
      assertEquals(
        said.match(/ERROR standard-supervisor: the given log failed: no room/g)?.length,
        1,
      );
      assert(said.includes("onEvent failed at died: no room"), said);
      assert(said.includes("ended with SIGKILL"), said);
    });

    it("leaves nothing where a part of it fails", async () => {
      await using run = host(supervisord, "fault_of_ours.ts", () => []);
      assertEquals(await readResult(run, 40_000), { error: "Error: a fault", isGone: true });
    });

    it("gives the engine the environment that is given, whole and alone", async () => {
      const argv = ["sh", "-c", "echo [$HOST_ONLY] [$GIVEN]; exec sleep 1000"];
      const env = { PATH: Deno.env.get("PATH"), SUPERVISORD_PATH: supervisord.path, GIVEN: "yes" };
      for (const more of [{}, DIRECT]) {
        const given = { argv, env: { ...env, ...more }, output: "piped", reads: true };
        const { stdout, text } = await launchIn(
          supervisord,
          { ...given, stopAt: "output" },
          { env: { HOST_ONLY: "secret" } },
        );
        assertEquals(stdout, "[] [yes]\n", text);
      }
    });

    it("tells stdout from stderr in the streams of its handle, byte for byte", async () => {
      const argv = ["sh", "-c", "printf 'o\\0ut'; printf err >&2; exit 3"];
      const once = { SUPERVISOR_PROGRAM_AUTORESTART: "false" };
      for (const env of [once, DIRECT]) {
        const { outcome, stdout, stderr, text } = await launchIn(
          supervisord,
          { argv, output: "piped", reads: true },
          { env },
        );
        assertEquals(outcome, { kind: "engine_ended", exit: { kind: "code", code: 3 } }, text);
        assertEquals([stdout, stderr], ["o\0ut", "err"], text);
      }
    });

    it("stops an engine whose streams nobody reads", async () => {
      const argv = ["sh", "-c", "trap 'kill $!; exit 0' TERM; yes & while :; do sleep 0.02; done"];
      for (const env of [{}, DIRECT]) {
        const { outcome, stopMs, text } = await launchIn(
          supervisord,
          { argv, output: "piped", abortAfterMs: 2_000 },
          { env },
        );
        assertEquals(outcome, { kind: "stopped", by: "the abort signal" }, text);
        // The grace is 30 s.
        assert(stopMs < 8_000, `${stopMs} ms ${text}`);
      }
    });

    it("replaces the host only where it is asked to", async () => {
      const argv = ["sh", "-c", "echo $PPID; exit 4"];
      const child = await launchIn(supervisord, { argv }, { env: DIRECT });
      assertEquals(child.outcome, { kind: "engine_ended", exit: { kind: "code", code: 4 } });
      assertEquals(child.kinds, ["spawned", "started", "died", "stopped"]);
      const orders = JSON.stringify({
        argv: ["sh", "-c", 'echo "[$HOST_ONLY] [$GIVEN] $0"; exit 4', "a b"],
        env: { ...DIRECT, GIVEN: "\u00e9", PATH: "/usr/bin:/bin" },
        replace: true,
      });
      await using replaced = host(supervisord, "launches.ts", () => [orders], {
        env: { HOST_ONLY: "secret" },
      });
      assertEquals((await replaced.waitForEnd()).code, 4, replaced.describe("exit code"));
      assertEquals(replaced.read("stdout"), "[] [\u00e9] a b\n");
    });

    it("listens to the host's signals only where it is asked to", async () => {
      const orders = { argv: ["sleep", "1000"] };
      await using deaf = host(supervisord, "launches.ts", () => [JSON.stringify(orders)]);
      await deaf.waitFor(
        () => deaf.readLeft().some(({ command }) => command === "sleep 1000"),
        "the engine",
      );
      deaf.signal("SIGTERM");
      assertEquals((await deaf.waitForEnd()).signal, "SIGTERM", deaf.describe("the host's end"));

      const asked = JSON.stringify({ ...orders, signals: "process" });
      await using hearing = host(supervisord, "launches.ts", () => [asked]);
      await hearing.waitFor(
        () => hearing.readLeft().some(({ command }) => command === "sleep 1000"),
        "the engine",
      );
      hearing.signal("SIGTERM");
      const { outcome } = await readResult(hearing);
      assertEquals(outcome, { kind: "stopped", by: "SIGTERM" });
    });

    it("refuses a bad environment before anything starts, with every issue", async () => {
      const orders = JSON.stringify({ argv: ["true"], env: { PROCESS_MAX_START_RETRIES: "many" } });
      await using run = host(supervisord, "launches.ts", () => [orders]);
      assertEquals((await run.waitForEnd()).code, 1);
      assert(run.read("stderr").includes("ConfigurationError"), run.describe("error"));
      assert(run.read("stderr").includes("PROCESS_MAX_START_RETRIES"), run.describe("error"));
    });
  });
}
