import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import { engine, python, sleeper, waitForStart } from "../support/engines.ts";
import { readOrEmpty } from "../support/files.ts";
import {
  AS_PID_1,
  asNobody,
  MOUNT_NAMESPACE_PROBLEM,
  NOBODY,
  PID_NAMESPACE_PROBLEM,
} from "../support/isolation.ts";
import { itOfFlags, itUnless } from "../support/needs.ts";
import { waitUntil } from "../support/namespace.ts";
import { isAlive, signalProcess } from "../support/processes.ts";
import { FIXTURES, makeCommand, Run, type RunOptions } from "../support/run.ts";
import { ask, waitForState } from "../support/status.ts";
import { findSchemaErrors } from "../support/status_schema.ts";
import { readSupervisords } from "../support/supervisords.ts";

// An instance is brought into each state, and asked from outside.

const supervisord = readSupervisords().at(-1)!;

/** Ready, and well, while the file `well` is there. */
const PROBE = {
  PROCESS_HEALTH_COMMAND: `/bin/sh -c 'test -e "$TMPDIR/../well"'`,
  PROCESS_HEALTH_PERIOD_SECS: "1",
  PROCESS_HEALTH_FAILURE_THRESHOLD: "1",
  PROCESS_HANG_GRACE_SECS: "600",
};

/** Does not end at SIGTERM. */
const STUBBORN = (directory: string) => [
  ...[`${FIXTURES}/records_start.sh`, `${directory}/starts`],
  ...python(supervisord, "ignores_term.py"),
];

/** A terminal of its own; what is drawn there comes out of stdout. */
const ON_TERMINAL = [
  ...["/usr/bin/python3", "-c"],
  "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))",
];

interface Expected {
  readonly health: readonly [code: number, word: string];
  readonly ready: readonly [code: number, word: string];
  /** What the table must hold. */
  readonly says: readonly RegExp[];
}

/** Waits for a state, then asks in every way. */
async function expectState(run: Run, state: string, expected: Expected): Promise<void> {
  await waitForState(run, state);
  const [json, table, health, ready] = await Promise.all([
    ask(run, ["--status", "--json"]),
    ask(run, ["--status"]),
    ask(run, ["--health"]),
    ask(run, ["--ready"]),
  ]);
  const status = JSON.parse(json.stdout);
  assertEquals(findSchemaErrors(status), [], json.stdout);
  assertEquals([status.state, json.code, json.stderr], [state, 0, ""], run.describe(json.stdout));
  assertEquals([table.code, table.stderr], [0, ""]);
  assert(!table.stdout.includes("\x1b"), "colours without a terminal");
  for (const pattern of expected.says) assert(pattern.test(table.stdout), table.stdout);
  const text = run.describe(`${health.stderr}${ready.stderr}`);
  assertEquals([health.code, health.stdout.trim()], [...expected.health], text);
  assertEquals([ready.code, ready.stdout.trim()], [...expected.ready], text);
}

describe("--status, --health and --ready", () => {
  it("tell of loading, running, unhealthy, recovering and draining", async () => {
    await using run = new Run({ supervisord, args: STUBBORN, env: PROBE });
    const { pid } = await waitForStart(run);
    const isTold = async () => (await ask(run, ["--status"])).stdout.includes(String(pid));
    await waitUntil(run, isTold, "the engine to be seen");
    await expectState(run, "loading", {
      health: [1, "loading"],
      ready: [1, "loading"],
      says: [new RegExp(`^llm_engine:llm_engine +loading +${pid} `, "m"), /ready: no, healthy: no/],
    });
    Deno.writeTextFileSync(run.path("well"), "");
    await expectState(run, "running", {
      health: [0, "healthy"],
      ready: [0, "ready"],
      says: [/ running +\d+ .* 1 +0 used, 3 left +- +-$/m, /^1 .* runs /m],
    });
    Deno.removeSync(run.path("well"));
    await expectState(run, "unhealthy", {
      health: [1, "unhealthy"],
      ready: [1, "unhealthy"],
      says: [/^unhealthy for .*failed probes in a row/m],
    });
    signalProcess(pid, "SIGKILL");
    const second = await waitForStart(run, 2);
    await expectState(run, "recovering", {
      health: [1, "recovering"],
      ready: [1, "recovering"],
      says: [
        / recovering +\d+ .* 2 +1 used, 2 left +stopped as unhealthy/m,
        /^1 .* stopped as unhealthy .* recovery 1 of 3$/m,
      ],
    });
    Deno.writeTextFileSync(run.path("well"), "");
    await waitForState(run, "running");
    run.signal("SIGTERM");
    await expectState(run, "draining", {
      health: [0, "draining"],
      ready: [1, "draining"],
      says: [/^draining for .*SIGTERM came/m],
    });
    signalProcess(second.pid, "SIGKILL");
    await expectEnd(run, 0);
    const none = await Promise.all(
      ["--status", "--health", "--ready"].map((option) => ask(run, [option])),
    );
    assertEquals(none.map(({ code }) => code), [3, 3, 3]);
    assert(none[0]!.stderr.includes("No instance runs"), none[0]!.stderr);
  });

  it("tell of a pause before a restart, and of giving up", async () => {
    await using run = new Run({
      supervisord,
      args: python(supervisord, "dies_at_once.py", "0", "7"),
      env: {
        PROCESS_MAX_START_RETRIES: "4",
        SUPERVISOR_PROGRAM__OTHER_COMMAND: python(supervisord, "ignores_term.py").join(" "),
        SUPERVISOR_PROGRAM__OTHER_STOPWAITSECS: "600",
      },
    });
    await run.waitFor(() => run.read("stderr").includes("retry 4 of 4"), "the last pause");
    await expectState(run, "backing_off", {
      health: [1, "backing_off"],
      ready: [1, "backing_off"],
      says: [
        / backing_off +- .* 5 +0 used, 3 left, failed starts 4 of 4 +exit code 7 +retry (in|now)/m,
        /^4 .* exit code 7 .* retry 4 of 4$/m,
      ],
    });
    await expectState(run, "gave_up", {
      health: [1, "gave_up"],
      ready: [1, "gave_up"],
      says: [/^gave_up for .*gave up: /m, / the end \(start_limit\)$/m],
    });
    const other = run.readLeft().find(({ command }) => command.includes("ignores_term.py"));
    signalProcess(other!.pid, "SIGKILL");
    await expectEnd(run, 1);
  });

  it("tell of an installation, and leave nothing of it", async () => {
    await using run = new Run({
      supervisord,
      args: sleeper,
      env: (directory) => {
        const waits = `#!/bin/sh\nwhile [ ! -e "${directory}/go" ]; do sleep 0.05; done\n`;
        Deno.writeTextFileSync(`${directory}/uv`, waits, { mode: 0o755 });
        return { STANDARD_PIP_ARGS: "x", PATH: `${directory}:/usr/bin:/bin` };
      },
    });
    await expectState(run, "installing", {
      health: [1, "installing"],
      ready: [1, "installing"],
      says: [/^installing for /m, /no program has been started yet/],
    });
    Deno.writeTextFileSync(run.path("go"), "");
    await waitForState(run, "running");
    assertEquals(run.readTemporary().length, 1, run.readTemporary().join());
    await stopCleanly(run);
  });

  it("say that standard-supervisor was killed, or is suspended", async () => {
    await using run = new Run({ supervisord, args: sleeper });
    await waitForState(run, "running");
    const guard = findLifeline(run.pid);
    signalProcess(run.pid, "SIGSTOP");
    const suspended = await Promise.all(
      ["--health", "--status"].map((option) => ask(run, [option])),
    );
    assertEquals([suspended[0]!.code, suspended[0]!.stdout], [1, "suspended\n"]);
    assert(suspended[1]!.stdout.includes("SIGCONT"), suspended[1]!.stdout);
    // Else it would take the directory away after some seconds.
    signalProcess(guard, "SIGSTOP");
    try {
      signalProcess(run.pid, "SIGKILL");
      await run.waitForEnd();
      const killed = await Promise.all(
        ["--health", "--status"].map((option) => ask(run, [option])),
      );
      assertEquals(killed.map(({ code }) => code), [3, 3]);
      for (const { stderr } of killed) {
        assert(/the last one \(pid \d+\) was killed, and left \//.test(stderr), stderr);
      }
    } finally {
      signalProcess(guard, "SIGKILL");
    }
  });

  it("follow an instance to its end", async () => {
    await using run = new Run({ supervisord, args: sleeper });
    await waitForState(run, "running");
    const watch = (...args: string[]) =>
      new Run({
        args: [],
        command: () => makeCommand(["--status", "--watch", ...args]),
        env: { TMPDIR: run.path("tmp") },
      });
    await using watching = watch();
    await using inJson = watch("--json");
    await watching.waitFor(() => watching.read("stdout").includes(" running: "), "the first line");
    await inJson.waitFor(() => inJson.read("stdout").endsWith("\n"), "the first document");
    signalProcess((await waitForStart(run)).pid, "SIGKILL");
    await watching.waitFor(
      () => watching.read("stdout").split(" running: ").length === 3,
      "the recovery",
    );
    await stopCleanly(run);
    assertEquals((await watching.waitForEnd()).code, 0, watching.describe("exit code"));
    assertEquals((await inJson.waitForEnd()).code, 0, inJson.describe("exit code"));
    const states = inJson.read("stdout").trimEnd().split("\n").map((line) =>
      JSON.parse(line).state
    );
    assertEquals([states[0], states.includes("recovering")], ["running", true], states.join());
    const lines = watching.read("stdout").trimEnd().split("\n");
    assert(/^\S+ recovering: .*SIGKILL/m.test(watching.read("stdout")), watching.describe("lines"));
    assert(/^\S+ standard-supervisor has ended$/.test(lines.at(-1)!), watching.describe("lines"));
  });

  it("have colours in a terminal alone, and draw a watch again there", async () => {
    await using run = new Run({ supervisord, args: sleeper });
    await waitForState(run, "running");
    const green = "\x1b[32mrunning";
    const [piped, coloured, plain] = await Promise.all([
      ask(run, ["--status"], { env: { NO_COLOR: "" } }),
      ask(run, ["--status"], { env: { NO_COLOR: "" }, wrapper: ON_TERMINAL }),
      ask(run, ["--status"], { env: { NO_COLOR: "1" }, wrapper: ON_TERMINAL }),
    ]);
    assertEquals(coloured.stdout.split(green).length, 3, coloured.stdout + coloured.stderr);
    assert(!piped.stdout.includes("\x1b"), piped.stdout);
    assert(plain.stdout.includes("running") && !plain.stdout.includes("\x1b"), plain.stdout);
    await using watching = new Run({
      args: [],
      command: () => makeCommand(["--status", "--watch"]),
      wrapper: ON_TERMINAL,
      env: { TMPDIR: run.path("tmp"), NO_COLOR: "" },
    });
    // The time goes on, so that it is drawn again though nothing happens.
    await watching.waitFor(
      () => watching.read("stdout").split(`\x1b[2J`).length > 3,
      "a third drawing",
    );
    await stopCleanly(run);
    assertEquals((await watching.waitForEnd()).code, 0, watching.describe("exit code"));
  });

  it("list several instances with the way to choose, and obey it", async () => {
    await using first = new Run({
      supervisord,
      args: sleeper,
      env: (directory) => ({ SUPERVISOR_CONFIG_PATH: `${directory}/first.conf` }),
    });
    await using second = new Run({
      supervisord,
      args: sleeper,
      env: (directory) => ({
        TMPDIR: first.path("tmp"),
        SUPERVISOR_CONFIG_PATH: `${directory}/second.conf`,
      }),
    });
    const count = () =>
      first.readTemporary().filter((name) =>
        readOrEmpty(`${first.path("tmp")}/${name}/status.json`).includes('"state":"running"')
      ).length === 2;
    await first.waitFor(count, "both");
    const [all, one] = await Promise.all([
      ask(first, ["--status"]),
      ask(first, ["--status", "--json"], {
        env: { SUPERVISOR_CONFIG_PATH: second.path("second.conf") },
      }),
    ]);
    assertEquals(all.code, 1);
    for (const text of [first.path("first.conf"), second.path("second.conf")]) {
      assert(all.stderr.includes(text), all.stderr);
    }
    assertEquals(JSON.parse(one.stdout).instance.pid, second.pid, one.stderr);
  });

  itOfFlags("do with permission to read and the environment, and say so without", async () => {
    await using run = new Run({ supervisord, args: sleeper });
    await waitForState(run, "running");
    const few = ["--allow-env", `--allow-read=${run.path("tmp")}`];
    const [health, status, none] = await Promise.all([
      ask(run, ["--health"], { permissions: few }),
      ask(run, ["--status"], { permissions: few }),
      ask(run, ["--health"], { permissions: ["--allow-env"] }),
    ]);
    assertEquals([health.code, health.stdout, health.stderr], [0, "healthy\n", ""]);
    assertEquals([status.code, status.stderr], [0, ""]);
    assertEquals([none.code, none.stdout], [1, "refused\n"]);
    assert(none.stderr.includes(`--allow-read=${run.path("tmp")}`), none.stderr);
  });

  it("refuse arguments that make no sense with 2", async () => {
    await using run = new Run({ args: [], command: () => ["true"] });
    const { code, stderr } = await ask(run, ["--status", "--colour"]);
    assertEquals(code, 2);
    assert(stderr.includes("--colour"), stderr);
  });

  itUnless(PID_NAMESPACE_PROBLEM)(
    "serve an exec into the container, and nobody beside it",
    async () => {
      await using run = new Run({ supervisord, args: sleeper, wrapper: AS_PID_1 });
      await waitForState(run, "running");
      const enter = ["nsenter", "-t", String(run.findProgram()), "-p", "-m"];
      const [inside, outside] = await Promise.all([
        ask(run, ["--health"], { wrapper: enter }),
        ask(run, ["--health"]),
      ]);
      assertEquals([inside.code, inside.stdout], [0, "healthy\n"], inside.stderr);
      assertEquals([outside.code, outside.stdout], [3, "none\n"], outside.stderr);
      assert(outside.stderr.includes("another container"), outside.stderr);
      await stopCleanly(run);
    },
  );

  const itAsRoot = itUnless(MOUNT_NAMESPACE_PROBLEM);
  itAsRoot("refuse another user clearly, and serve root", async () => {
    const nobody = asNobody(supervisord.python);
    await using run = new Run({ supervisord, args: sleeper });
    await waitForState(run, "running");
    Deno.chmodSync(run.directory, 0o755);
    Deno.chmodSync(run.path("tmp"), 0o755);
    for (const option of ["--status", "--health"]) {
      const { code, stderr } = await ask(run, [option], nobody);
      assertEquals(code, 1, stderr);
      assert(stderr.includes("user root (0)") && stderr.includes("docker exec -u 0"), stderr);
    }
    const { wrapper, env }: Pick<RunOptions, "wrapper" | "env"> = nobody;
    await using other = new Run({
      supervisord,
      args: engine(supervisord),
      wrapper: (directory) => {
        Deno.chmodSync(directory, 0o777);
        Deno.chmodSync(`${directory}/tmp`, 0o777);
        for (const name of ["stdout", "stderr"]) {
          Deno.writeTextFileSync(`${directory}/${name}`, "");
        }
        return wrapper as string[];
      },
      env: env as Record<string, string>,
    });
    await waitForState(other, "running");
    const { code, stdout, stderr } = await ask(other, ["--status", "--json"]);
    assertEquals(code, 0, stderr);
    const pid = JSON.parse(stdout).instance.pid;
    assert(readOrEmpty(`/proc/${pid}/status`).includes(`Uid:\t${NOBODY}`), stdout);
    await stopCleanly(other);
  });
});

/** The shell that ends the engine where standard-supervisor is killed. */
function findLifeline(pid: number): number {
  const children = readOrEmpty(`/proc/${pid}/task/${pid}/children`).split(" ").map(Number);
  const guard = children.find((child) =>
    readOrEmpty(`/proc/${child}/cmdline`).split("\0")[3] === "guard"
  );
  assert(guard !== undefined && isAlive(guard));
  return guard;
}
