import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { python } from "../support/engines.ts";
import { settleAll } from "../support/processes.ts";
import { itOfFlags } from "../support/needs.ts";
import { FIXTURES, makeCommand, makeEnvironment, Run } from "../support/run.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

// The one exit code: the engine's where no restart is due, ours where we gave up or never began.

type Env = Record<string, string>;

interface Ended {
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program to its end without files and marker: for what starts no supervisord. */
async function runToEnd(
  args: readonly string[],
  env: Env = {},
  permissions?: readonly string[],
): Promise<Ended> {
  const [program = "", ...rest] = makeCommand(args, permissions);
  const { code, signal, stdout, stderr } = await new Deno.Command(program, {
    args: rest,
    clearEnv: true,
    env: makeEnvironment({ args, env }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return { code, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs all, eight at a time. */
async function inBatches<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  await settleAll(Array.from({ length: 8 }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item);
  }));
}

const DIRECT: Env = { PROCESS_AUTO_RECOVERY: "false" };

const WAYS_TO_LAUNCH: readonly (readonly [name: string, permissions: readonly string[]])[] = [
  ["replaces the program", ["-A"]],
  ["is a child where FFI is denied", ["-A", "--deny-ffi"]],
];

/** Exit codes that a shell, or we, give a meaning; all 256 with `LONG_TESTS`. */
const TELLING = new Set([1, 2, 124, 125, 126, 127, 129, 130, 137, 143, 254, 255]);

const SIGNALS = Array.from({ length: 15 }, (_, index) => index + 1);

describe("direct launch", () => {
  for (const [way, permissions] of WAYS_TO_LAUNCH) {
    const itHere = permissions.length === 1 ? it : itOfFlags;
    itHere(`passes exit codes on: the engine ${way}`, async () => {
      const codes = Array.from({ length: 256 }, (_, code) => code)
        .filter((code) => Deno.env.has("LONG_TESTS") || TELLING.has(code) || code % 16 === 0);
      const wrong: string[] = [];
      await inBatches(codes, async (code) => {
        const ended = await runToEnd(["sh", "-c", `exit ${code}`], DIRECT, permissions);
        if (ended.code !== code || ended.signal !== null || ended.stdout !== "") {
          wrong.push(`${code}: ${JSON.stringify(ended)}`);
        }
      });
      assertEquals(wrong, []);
    });

    itHere(`passes the signals 1 to 15 on as 128 + n: the engine ${way}`, async () => {
      const wrong: string[] = [];
      await inBatches(SIGNALS, async (signal) => {
        const script = `ulimit -c 0; kill -${signal} $$; exit 99`;
        const ended = await runToEnd(["sh", "-c", script], DIRECT, permissions);
        if (ended.code !== 128 + signal) wrong.push(`${signal}: ${JSON.stringify(ended)}`);
      });
      assertEquals(wrong, []);
    });

    itHere(`hands arguments, descriptors and signals over: the engine ${way}`, async () => {
      const script = 'trap "echo term; exit 5" TERM; trap "echo usr1" USR1; echo "$1" >&2; ' +
        "echo ready; while :; do sleep 0.02; done";
      await using run = new Run({
        args: ["sh", "-c", script, "sh", "a  'b'\n%(x)s"],
        env: DIRECT,
        permissions,
      });
      await run.waitFor(() => run.read("stdout").includes("ready\n"), "the engine");
      // Without FFI a warning of ours comes first.
      const [warning, text] = /^(.* WARN standard-supervisor: .*\n)?([^]*)$/.exec(
        run.read("stderr"),
      )!
        .slice(1);
      assertEquals(text, "a  'b'\n%(x)s\n");
      assertEquals(warning !== undefined, permissions.includes("--deny-ffi"));
      run.signal("SIGUSR1");
      await run.waitFor(() => run.read("stdout").includes("usr1\n"), "USR1 to arrive");
      run.signal("SIGTERM");
      assertEquals((await run.waitForEnd()).code, 5, run.describe("exit code"));
      assertEquals(run.read("stdout"), "ready\nusr1\nterm\n");
      assertEquals(run.readLeft(), []);
    });
  }
});

interface Refusal {
  readonly title: string;
  readonly args: readonly string[];
  readonly env?: Env;
  readonly code: number;
  /** What one line on stderr must hold, all of it. */
  readonly says: readonly string[];
}

const REFUSALS: readonly Refusal[] = [
  { title: "no command", args: [], code: 1, says: ["command"] },
  { title: "no command after --", args: ["--"], code: 1, says: ["command"] },
  { title: "an unknown option", args: ["--nope", "true"], code: 2, says: ["--nope"] },
  {
    title: "a name that no directory of PATH holds",
    args: ["no-such-engine", "x"],
    code: 127,
    says: ["no-such-engine"],
  },
  {
    title: "a path that does not exist",
    args: ["/nonexistent/engine"],
    code: 127,
    says: ["/nonexistent/engine"],
  },
  { title: "a directory", args: ["/usr"], code: 126, says: ["/usr", "directory"] },
  {
    title: "a file that is not executable",
    args: ["/etc/passwd"],
    code: 126,
    says: ["/etc/passwd", "not executable"],
  },
  {
    title: "every variable that cannot be read",
    args: ["true"],
    env: {
      PROCESS_MAX_START_RETRIES: "many",
      PROCESS_MAX_RECOVERY_ATTEMPTS: "101",
      LOG_LEVEL: "loud",
      SUPERVISOR_PROGRAM_STARTSECS: "soon",
    },
    code: 1,
    says: [
      ...["PROCESS_MAX_START_RETRIES", '"many"', "PROCESS_MAX_RECOVERY_ATTEMPTS", '"101"'],
      ...["LOG_LEVEL", '"loud"', "SUPERVISOR_PROGRAM_STARTSECS", '"soon"'],
    ],
  },
  {
    title: "an unknown section",
    args: ["true"],
    env: { SUPERVISOR_PROGRAMM_STARTSECS: "1" },
    code: 1,
    says: ["SUPERVISOR_PROGRAMM_STARTSECS"],
  },
  {
    title: "a supervisord that is not there",
    args: ["true"],
    env: { SUPERVISORD_PATH: "/nonexistent/supervisord" },
    code: 125,
    says: ["/nonexistent/supervisord"],
  },
];

const SUPERVISORDS = readSupervisords();

describe("main()", () => {
  for (const { title, args, env = {}, code, says } of REFUSALS) {
    it(`ends at once with ${code}: ${title}`, async () => {
      const [supervisord] = SUPERVISORDS;
      const path: Env = supervisord === undefined ? {} : { SUPERVISORD_PATH: supervisord.path };
      const ended = await runToEnd(args, { ...path, ...env });
      assertEquals(ended.code, code, ended.stderr);
      assertEquals(ended.stdout, "");
      for (const part of says) assert(ended.stderr.includes(part), `${part} in ${ended.stderr}`);
    });
  }

  it("ends with 125 and names an install command where there is no supervisord", async () => {
    const directory = Deno.makeTempDirSync({ prefix: "exit-code-test-" });
    try {
      // Each package manager in turn is the only program on PATH beside the engine.
      for (const [manager, command] of [["pip", "pip install"], ["apk", "apk add"]] as const) {
        const path = `${directory}/${manager}`;
        Deno.mkdirSync(path);
        for (const name of [manager, "engine"]) {
          Deno.writeTextFileSync(`${path}/${name}`, "#!/bin/sh\n", { mode: 0o755 });
        }
        const ended = await runToEnd(["engine"], { PATH: path });
        assertEquals(ended.code, 125, ended.stderr);
        assert(ended.stderr.includes(command), ended.stderr);
      }
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  });

  it("prints its version and its help on stdout", async () => {
    for (const option of ["--version", "--help"]) {
      const ended = await runToEnd([option]);
      assertEquals(ended.code, 0);
      assertEquals(ended.stderr, "");
      assert(ended.stdout.includes("standard-supervisor"));
    }
  });
});

interface Case {
  readonly title: string;
  readonly env: Env;
  /** Delay in ms and how to die, for dies_at_once.py. */
  readonly dies: readonly [string, string];
  readonly code: number;
  readonly starts: number;
}

const NEVER = { SUPERVISOR_PROGRAM_AUTORESTART: "false" };
const UNEXPECTED = {
  SUPERVISOR_PROGRAM_AUTORESTART: "unexpected",
  SUPERVISOR_PROGRAM_EXITCODES: "0,3",
  PROCESS_MAX_START_RETRIES: "1",
};
const HOPELESS = { PROCESS_MAX_START_RETRIES: "0" };
const HOPELESS_AS_ENGINE = { ...HOPELESS, PROCESS_GIVE_UP_EXIT_CODE: "engine" };

const CASES: readonly Case[] = [
  { title: "AUTORESTART=false", env: NEVER, dies: ["0", "7"], code: 7, starts: 1 },
  { title: "AUTORESTART=false, late", env: NEVER, dies: ["1500", "7"], code: 7, starts: 1 },
  { title: "AUTORESTART=false, 0", env: NEVER, dies: ["0", "0"], code: 0, starts: 1 },
  { title: "AUTORESTART=false, 255", env: NEVER, dies: ["20", "255"], code: 255, starts: 1 },
  ...([["KILL", 137], ["TERM", 143], ["SEGV", 139], ["HUP", 129]] as const).map(
    ([signal, code]): Case => ({
      title: `AUTORESTART=false, SIG${signal}`,
      env: NEVER,
      dies: ["20", signal],
      code,
      starts: 1,
    }),
  ),
  { title: "an expected code", env: UNEXPECTED, dies: ["0", "3"], code: 3, starts: 1 },
  { title: "the other expected code", env: UNEXPECTED, dies: ["0", "0"], code: 0, starts: 1 },
  { title: "an unexpected code", env: UNEXPECTED, dies: ["0", "4"], code: 1, starts: 2 },
  { title: "an unexpected signal", env: UNEXPECTED, dies: ["0", "TERM"], code: 1, starts: 2 },
  { title: "giving up", env: HOPELESS, dies: ["0", "7"], code: 1, starts: 1 },
  {
    title: "giving up, a number",
    env: { ...HOPELESS, PROCESS_GIVE_UP_EXIT_CODE: "42" },
    dies: ["0", "7"],
    code: 42,
    starts: 1,
  },
  {
    title: "giving up, the cause where none is known",
    env: { ...HOPELESS, PROCESS_GIVE_UP_EXIT_CODE: "cause" },
    dies: ["0", "7"],
    code: 70,
    starts: 1,
  },
  {
    title: "giving up, the engine's code",
    env: HOPELESS_AS_ENGINE,
    dies: ["0", "7"],
    code: 7,
    starts: 1,
  },
  {
    // SEGV, since a signal that is not known counts as KILL.
    title: "giving up, the engine's signal",
    env: HOPELESS_AS_ENGINE,
    dies: ["20", "SEGV"],
    code: 139,
    starts: 1,
  },
  {
    title: "giving up, the engine's code is 0",
    env: HOPELESS_AS_ENGINE,
    dies: ["0", "0"],
    code: 1,
    starts: 1,
  },
];

async function runCase(supervisord: InstalledSupervisord, { env, dies }: Case) {
  await using run = new Run({
    supervisord,
    args: (directory) => python(supervisord, "dies_at_once.py", ...dies, `${directory}/starts`),
    env,
  });
  const { code } = await run.waitForEnd();
  return {
    code,
    starts: run.readNumbers("starts").length,
    left: run.readLeft(),
    text: run.describe(""),
  };
}

/** Whether a pidfd tells how a process ended that its parent has reaped: since Linux 6.15. */
const KEEPS_EXIT_STATUS = (() => {
  const [major = 0, minor = 0] = Deno.osRelease().split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 15);
})();

for (const supervisord of SUPERVISORDS) {
  describe(`supervise() with supervisord ${supervisord.version}`, () => {
    it("ends with the engine's code where no restart is due, else with the one for giving up", async () => {
      await inBatches(CASES, async (testCase) => {
        const { code, starts, left, text } = await runCase(supervisord, testCase);
        assertEquals({ code, starts, left }, {
          code: testCase.code,
          starts: testCase.starts,
          left: [],
        }, `${testCase.title}: ${text}`);
      });
    });

    // Before there is but the zombie to ask, whom supervisord may have reaped first on a busy machine.
    const test = KEEPS_EXIT_STATUS ? it : it.skip;
    const needs = KEEPS_EXIT_STATUS ? "" : " (needs Linux 6.15)";
    test(`names the signal where supervisord's log does not tell it${needs}`, async () => {
      const silent: readonly Env[] = [
        { SUPERVISOR_SUPERVISORD_LOGLEVEL: "error" },
        { SUPERVISOR_SUPERVISORD_LOGFILE: "/dev/stdout" },
      ];
      const deaths = [["SEGV", 139], ["TERM", 143], ["KILL", 137], ["ABRT", 134]] as const;
      const cases = silent.flatMap((env) =>
        deaths.flatMap(([signal, code]) =>
          ["300", "1000", "1500"].map((ms) => ({ env, signal, code, ms }))
        )
      );
      const wrong: string[] = [];
      await inBatches(cases, async ({ env, signal, code, ms }) => {
        await using run = new Run({
          supervisord,
          args: python(supervisord, "dies_at_once.py", ms, signal),
          env: { ...env, SUPERVISOR_PROGRAM_AUTORESTART: "false" },
        });
        const end = await run.waitForEnd();
        if (end.code !== code) wrong.push(run.describe(`${signal} after ${ms} ms`));
      });
      assertEquals(wrong, []);
    });

    it("gives up at once where the command turns out not to be one", async () => {
      // The engine's own PATH and directory are supervisord's to look through.
      const cases: readonly (readonly [string, Env, number])[] = [
        ["no-such-engine", { SUPERVISOR_PROGRAM_ENVIRONMENT: 'PATH="/usr/bin"' }, 127],
        ["./no-such-engine", { SUPERVISOR_PROGRAM_DIRECTORY: "/" }, 127],
        ["./passwd", { SUPERVISOR_PROGRAM_DIRECTORY: "/etc" }, 127],
      ];
      await settleAll(cases.map(async ([command, env, expected]) => {
        await using run = new Run({ supervisord, args: [command], env });
        const { code, atMs } = await run.waitForEnd();
        assertEquals(code, expected, run.describe(`${command} ${JSON.stringify(env)}`));
        assert(atMs - run.spawnedMs < 3_000, run.describe("at once, without retries"));
        assertEquals(run.readLeft(), []);
      }));
    });

    it("ends with 125 where supervisord itself fails", async () => {
      await using run = new Run({
        supervisord,
        args: (directory) => [`${FIXTURES}/records_start.sh`, `${directory}/starts`],
      });
      await run.waitFor(() => run.readNumbers("starts")[0], "the engine");
      const pid = await run.waitFor(() => run.findSupervisord(), "supervisord");
      Deno.kill(pid, "SIGKILL");
      assertEquals((await run.waitForEnd()).code, 125, run.describe("exit code"));
      assertEquals(run.readLeft(), [], run.describe("left behind"));
      assertEquals(run.readTemporary(), [], run.describe("files left behind"));
    });
  });
}
