import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { countListed } from "../support/listed_messages.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// What commonly goes wrong, made to go wrong: each line that asks for attention is in docs/troubleshooting.md.

const supervisord = readSupervisords().at(-1)!;

const sh = (script: string): readonly string[] => ["sh", "-c", script];
const GROUP = { LWS_GROUP_SIZE: "2" };
const ONE_RETRY = { PROCESS_MAX_START_RETRIES: "1" };
const VLLM = { PROCESS_ENGINE: "vllm", PROCESS_HEALTH_URL: "none" };
const PROBED = {
  PROCESS_HEALTH_COMMAND: "false",
  PROCESS_STARTUP_TIMEOUT_SECS: "1",
  PROCESS_HEALTH_PERIOD_SECS: "1",
  PROCESS_MAX_START_RETRIES: "0",
};

/** A title, the command, variables beside, and the exit code. */
const CASES: readonly (readonly [
  string,
  readonly string[],
  Readonly<Record<string, string>>,
  number,
])[] = [
  ["no such command", ["there-is-no-such-command"], {}, 127],
  ["a file that is no program", ["/etc/passwd"], {}, 126],
  ["a value that is none", ["true"], { PROCESS_MAX_START_RETRIES: "many" }, 1],
  ["an option that is none", ["true"], { SUPERVISOR_PROGRAM_STARTSEC: "1" }, 1],
  ["an option of the command line that is none", ["--chek", "true"], {}, 2],
  ["no engine that is known", ["true"], { PROCESS_HEALTH_URL: "auto" }, 1],
  ["no supervisord", ["true"], { SUPERVISORD_PATH: "/there/is/none" }, 125],
  ["a directory that is none", ["true"], { SUPERVISOR_PROGRAM_DIRECTORY: "/nope" }, 1],
  ["nowhere to write a file", ["true"], { SUPERVISOR_CONFIG_PATH: "/proc/nope/x.conf" }, 1],
  ["failed starts", sh("exit 3"), ONE_RETRY, 1],
  ["crashes", sh("sleep 1.2; exit 4"), { PROCESS_MAX_RECOVERY_ATTEMPTS: "0" }, 1],
  ["a kill", sh("sleep 1.2; kill -9 $$"), { PROCESS_MAX_RECOVERY_ATTEMPTS: "0" }, 1],
  ["left-over workers", sh("sleep 100 & exit 3"), ONE_RETRY, 1],
  [
    "wrong arguments",
    sh("echo 'vllm: error: unrecognized arguments: --foo' >&2; exit 2"),
    VLLM,
    1,
  ],
  ["one of several", sh("sleep 1.2; exit 5"), GROUP, 5],
  ["never ready", sh("sleep 1000"), PROBED, 1],
  ["variables that count for nothing", sh("exit 3"), {
    ...ONE_RETRY,
    PROCESS_CANARY_TIMEOUT_SECS: "3",
    SUPERVISOR_PROGRAM_STARTRETRIES: "0",
    SUPERVISOR_PROGRAM_COMMAND: "sleep",
  }, 1],
];

describe("docs/troubleshooting.md has each line that is printed at", () => {
  for (const [title, args, env, code] of CASES) {
    it(title, async () => {
      await using run = new Run({ supervisord, args, env: { LOG_FORMAT: "json", ...env } });
      assertEquals((await run.waitForEnd()).code, code, run.describe("exit code"));
      const lines = run.read("stderr").split("\n").filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line))
        .filter(({ level }) => level !== "info" && level !== "debug")
        .map(({ message }) => String(message));
      assert(lines.length > 0, run.describe("a line"));
      assertEquals(lines.filter((line) => countListed(line) === 0), []);
    });
  }

  it("anything, but not what is printed nowhere", () => {
    assertEquals(countListed("llm_engine ended, and nobody knows what it means"), 0);
  });
});
