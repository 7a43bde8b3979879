import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import { python, readStarts, sleeper, waitForStart } from "../support/engines.ts";
import { EventCommand } from "../../src/events/event_command.ts";
import { isAlive, pause, signalProcess, wallMs } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// PROCESS_ON_EVENT is told everything, and is in nobody's way.

const supervisord = readSupervisords().at(-1)!;

/** Appends each record to the run's file `events`. */
const APPEND = `/bin/sh -c 'cat >>"$TMPDIR/../events"'`;

interface Told {
  readonly seq: number;
  readonly event: string;
  readonly program?: string;
  readonly [field: string]: unknown;
}

function readTold(run: Run): Told[] {
  return run.read("events").split("\n").slice(0, -1).map((line) => JSON.parse(line) as Told)
    .sort((a, b) => a.seq - b.seq);
}

/** Processes of commands that are still there. */
const findLeft = (run: Run, command: string) =>
  run.readLeft().filter((process) => process.command === command);

describe("PROCESS_ON_EVENT", () => {
  it("is told everything from the first start to the end, in order", async () => {
    await using run = new Run({ supervisord, args: sleeper, env: { PROCESS_ON_EVENT: APPEND } });
    const first = await waitForStart(run);
    await run.waitFor(() => readTold(run).some(({ event }) => event === "started"), "started");
    signalProcess(first.pid, "SIGKILL");
    await run.waitFor(() => readTold(run).some(({ event }) => event === "recovered"), "recovered");
    await stopCleanly(run);
    const told = readTold(run).filter(({ event }) => event !== "program" && event !== "probe");
    assertEquals(told.map(({ event }) => event), [
      ...["spawned", "started", "died", "swept", "spawned", "recovered", "stopping", "stopped"],
    ], run.describe(run.read("events")));
    const died = told[2]!;
    assertEquals(
      [died.program, died.pid, died.run, died.exit_code, died.signal, died.next, died.attempt],
      ["llm_engine:llm_engine", first.pid, 1, 137, "SIGKILL", "recovery", 1],
    );
    assertEquals(told.at(-1)?.exit_code, 0);
  });

  it("is told of giving up, and of an installation where there is one", async () => {
    await using run = new Run({
      supervisord,
      args: python(supervisord, "dies_at_once.py", "0", "7"),
      env: (directory) => {
        Deno.writeTextFileSync(`${directory}/uv`, "#!/bin/sh\nexit 0\n", { mode: 0o755 });
        return {
          ...{ PROCESS_ON_EVENT: APPEND, PROCESS_MAX_START_RETRIES: "0" },
          ...{ STANDARD_PIP_ARGS: "x", PATH: `${directory}:/usr/bin:/bin` },
        };
      },
    });
    await expectEnd(run, 1);
    const names = readTold(run).map(({ event }) => event);
    assertEquals(names.slice(0, 2), ["installing", "installed"], run.describe(""));
    assertEquals(readTold(run).at(-1)?.event, "gave_up", run.describe(run.read("events")));
    assertEquals(readTold(run).at(-1)?.exit_code, 1);
  });

  it("holds up neither a restart nor the end where it hangs, and leaves nothing", async () => {
    await using run = new Run({
      supervisord,
      args: sleeper,
      env: { PROCESS_ON_EVENT: `/bin/sh -c 'sleep 4322 & sleep 4322'` },
    });
    const first = await waitForStart(run);
    await run.waitFor(() => run.read("stderr").includes(" started after "), "started");
    await run.waitFor(() => findLeft(run, "sleep 4322").length >= 4, "commands that hang");
    const killedMs = wallMs();
    signalProcess(first.pid, "SIGKILL");
    const second = await waitForStart(run, 2);
    assert(second.atMs - killedMs < 5_000, run.describe("a restart that waited"));
    // Those of the engine's death were swept up after, and they are not of its family.
    assert(findLeft(run, "sleep 4322").length >= 4, run.describe("commands were swept"));
    const tookMs = await stopCleanly(run);
    assert(tookMs < 10_000, run.describe(`the end took ${tookMs} ms`));
    assertEquals(readStarts(run).length, 2);
    // It is the engine's family that is swept at the end.
    assert(!run.read("stderr").includes("left behind"), run.describe("taken for the engine's"));
    assert(
      / PROCESS_ON_EVENT was not run for \d+ events/.test(run.read("stderr")),
      run.describe(""),
    );
  });

  it("is one warning where it fails, and needs not read", async () => {
    await using run = new Run({
      supervisord,
      args: sleeper,
      env: { PROCESS_ON_EVENT: "/bin/sh -c 'exit 9'" },
    });
    await run.waitFor(() => run.read("stderr").includes(" for started"), "a warning");
    await stopCleanly(run);
    const lines = run.read("stderr").match(
      / WARN .*PROCESS_ON_EVENT ended with exit code 9 for \w+/g,
    );
    assertEquals(lines?.map((line) => line.split(" ").at(-1)).slice(0, 2), ["spawned", "started"]);
  });

  it("is refused before anything starts where it is not there", async () => {
    await using run = new Run({
      supervisord,
      args: sleeper,
      env: { PROCESS_ON_EVENT: "/nonexistent/hook --token hunter2" },
    });
    await expectEnd(run, 1);
    assertEquals(readStarts(run).length, 0);
    assert(run.read("stderr").includes("PROCESS_ON_EVENT"), run.describe("names it"));
    assert(!run.read("stderr").includes("hunter2"), run.describe("a secret"));
  });
});

/** A command of our own, and what was said. */
function makeCommand(argv: readonly string[]) {
  const said: string[] = [];
  const ignore = () => {};
  const log = {
    ...{ debug: ignore, info: ignore, error: ignore, critical: ignore },
    warn: (text: string) => said.push(text),
  };
  const ownChildren = new Set<number>();
  return {
    command: new EventCommand({ argv, env: {}, inheritsEnv: true, ownChildren, log }),
    said,
    ownChildren,
  };
}

const EVENT = { kind: "installing", at: new Date(0) } as const;

describe("EventCommand", () => {
  it("kills a command that takes longer than 10 s, and only then", async () => {
    const { command, said, ownChildren } = makeCommand(["/bin/sleep", "4323"]);
    const beganMs = wallMs();
    command.take(EVENT);
    while (ownChildren.size === 0) await pause(10);
    const [pid = 0] = ownChildren;
    while (said.length === 0 && wallMs() - beganMs < 30_000) await pause(50);
    assertEquals(said, ["PROCESS_ON_EVENT took longer than 10 s for installing"]);
    assertEquals([isAlive(pid), wallMs() - beganMs > 9_900, ownChildren.size], [false, true, 0]);
    await command.close();
  });

  it("runs four at once, lets a hundred wait, and says what it dropped", async () => {
    const { command, said, ownChildren } = makeCommand(["/bin/sleep", "4324"]);
    for (let count = 0; count < 100; count++) command.take(EVENT);
    while (ownChildren.size === 0) await pause(10);
    assertEquals([ownChildren.size, said], [4, []]);
    for (let count = 0; count < 7; count++) command.take(EVENT);
    assertEquals(said.length, 1, said.join());
    const pids = [...ownChildren];
    await command.close();
    assertEquals(said.slice(1), ["PROCESS_ON_EVENT was not run for 103 events"]);
    assertEquals([ownChildren.size, pids.filter(isAlive)], [0, []]);
  });
});
