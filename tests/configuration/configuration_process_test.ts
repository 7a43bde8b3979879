import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import { python, readEvents, recordingEngine, waitForEvent } from "../support/engines.ts";
import { isAlive } from "../support/processes.ts";
import { makeRandom, randomText } from "../support/random.ts";
import { Run } from "../support/run.ts";
import { installSuperlance } from "../support/superlance.ts";
import { readSupervisords } from "../support/supervisords.ts";

// What the environment says, as real programs under real supervisord see it.

const VECTORS = 50;
const AT_ONCE = 5;
const MEMMON_DEADLINE_MS = 90_000;

function readArguments(text: string): string[] {
  return JSON.parse(text).map((argument: string) =>
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(atob(argument), (char) => char.charCodeAt(0)),
    )
  );
}

const superlance = Deno.env.get("LONG_TESTS") === "1"
  ? installSuperlance()
  : { problem: "takes over a minute: set LONG_TESTS=1" };

for (const supervisord of readSupervisords()) {
  describe(`standard-supervisor with supervisord ${supervisord.version}`, () => {
    it(`hands ${VECTORS} random argument vectors to a running program byte for byte`, async () => {
      const random = makeRandom();
      const vectors = Array.from(
        { length: VECTORS },
        () => Array.from({ length: 1 + random.integer(6) }, () => randomText(random)),
      );
      const runOne = async (vector: string[]) => {
        await using run = new Run({
          supervisord,
          args: python(supervisord, "print_args.py", ...vector),
          env: { SUPERVISOR_PROGRAM_AUTORESTART: "false" },
        });
        await expectEnd(run, 0);
        assertEquals(readArguments(run.read("stdout")), vector);
      };
      for (let at = 0; at < VECTORS; at += AT_ONCE) {
        await Promise.all(vectors.slice(at, at + AT_ONCE).map(runOne));
      }
    });

    it("starts whatever unrelated variables hold", async () => {
      await using run = new Run({
        supervisord,
        args: ["sh", "-c", 'printf %s "$ODD"'],
        env: {
          ODD: "100% %(here)s %(nothing)d %",
          ODD2: "%",
          "ODD.NAME": "%(ENV_ODD)s",
          SUPERVISOR_PROGRAM_AUTORESTART: "false",
        },
      });
      await expectEnd(run, 0);
      assertEquals(run.read("stdout"), "100% %(here)s %(nothing)d %");
    });

    it("never shows a secret, at any level and in any error", async () => {
      const secrets = {
        SUPERVISOR_UNIX_HTTP_SERVER_USERNAME: "user",
        SUPERVISOR_UNIX_HTTP_SERVER_PASSWORD: "hunter2-password",
        SUPERVISOR_PROGRAM_ENVIRONMENT: 'TOKEN="hunter2-token"',
        HF_TOKEN: "hunter2-hf",
        LOG_LEVEL: "debug",
      };
      await using good = new Run({
        supervisord,
        args: ["sh", "-c", 'test "$TOKEN" = hunter2-token && sleep 1.2'],
        env: { ...secrets, SUPERVISOR_PROGRAM_AUTORESTART: "false" },
      });
      await using bad = new Run({
        supervisord,
        args: ["true"],
        env: {
          ...secrets,
          SUPERVISOR_PROGRAM_ENVIRONMENT: "TOKEN='hunter2-open",
          SUPERVISOR_UNIX_HTTP_SERVER_PASSWORD: "hunter2 ; comment",
          SUPERVISOR_PROGRAM_PASSWORD: "hunter2-unknown",
          SUPERVISOR_SUPERVISORD_ENVIRONMENT: "hunter2",
        },
      });
      await expectEnd(good, 0);
      await expectEnd(bad, 1);
      for (const run of [good, bad]) {
        assert(run.read("stderr").length > 0);
        assert(!run.read("stderr").includes("hunter2"), run.describe("shows a secret"));
      }
    });

    it("answers supervisorctl -c with the configuration that it wrote", async () => {
      const supervisorctl = supervisord.path.replace(/supervisord$/, "supervisorctl");
      await using run = new Run({
        supervisord,
        args: ["sleep", "100"],
        env: {
          SUPERVISOR_PROGRAM__WEB_COMMAND: "sleep 100",
          SUPERVISOR_UNIX_HTTP_SERVER_USERNAME: "u",
          SUPERVISOR_UNIX_HTTP_SERVER_PASSWORD: "p%%w",
          SUPERVISOR_CONFIG_PATH: Deno.makeTempDirSync() + "/made/supervisord.conf",
          LOG_LEVEL: "debug",
        },
      });
      const path = await run.waitFor(
        () => /spawned: 'llm_engine'/.test(run.read("stderr")) && findConfig(run.pid),
        "the engine's start",
      );
      const { stdout } = await new Deno.Command(supervisorctl, { args: ["-c", path, "status"] })
        .output();
      const status = new TextDecoder().decode(stdout);
      assert(/^llm_engine +RUNNING/m.test(status), status);
      assert(/^web +(RUNNING|STARTING)/m.test(status), status);
      await stopCleanly(run);
      assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
      Deno.removeSync(path.replace("/made/supervisord.conf", ""), { recursive: true });
    });

    const title = "runs memmon as written, which restarts an engine that grows past its limit";
    if ("problem" in superlance) {
      it.skip(`${title} (${superlance.problem})`, () => {});
    } else {
      it(title, async () => {
        await using run = new Run({
          supervisord,
          args: (directory) => recordingEngine(supervisord, directory, "--workers", "1"),
          env: {
            PATH: `${superlance.directory}:${Deno.env.get("PATH")}`,
            SUPERVISOR_EVENTLISTENER__MEMMON_COMMAND: "memmon -a 200MB",
          },
        });
        const { port } = await waitForEvent(run, "loaded");
        await (await fetch(`http://127.0.0.1:${port}/control/grow?mb=300`, { method: "POST" }))
          .body?.cancel();
        await run.waitFor(
          () => run.read("record").split('"event": "start"').length > 2,
          "the engine's second start",
          MEMMON_DEADLINE_MS,
        );
        await run.waitFor(
          () => /was restarted by an operator/.test(run.read("stderr")),
          "the report of a restart that is not ours",
        );
        const starts = readEvents(run).filter(({ event }) => event === "start").map(({ pid }) =>
          pid
        );
        assert(
          isAlive(starts.at(-1)!),
          run.describe("nothing has killed the engine that memmon started"),
        );
        assertEquals(/ ended with | was stopped by an operator/.test(run.read("stderr")), false);
        await stopCleanly(run);
      });
    }
  });
}

/** The path of the user's file, as the run was told it. */
function findConfig(pid: number): string | undefined {
  const environ = Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0");
  return environ.find((entry) => entry.startsWith("SUPERVISOR_CONFIG_PATH="))?.slice(23);
}
