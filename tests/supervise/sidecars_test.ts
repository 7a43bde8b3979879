import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { isAlive, pause, settleAll, signalProcess, wallMs } from "../support/processes.ts";
import { FIXTURES, Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Programs beside the engine: supervisord restarts them, and only critical ones end the container.

const SUPERVISORDS = readSupervisords();

function start(env: Record<string, string>, supervisord = SUPERVISORDS[0]): Run {
  return new Run({
    supervisord,
    args: (directory) => [`${FIXTURES}/records_start.sh`, `${directory}/starts`],
    env,
  });
}

/** Records each start in a file of the run, then goes on. */
function sidecar(file: string, then: string): string {
  return `/bin/sh -c 'date "+%%s%%N $$" >>"$TMPDIR/../${file}"; ${then}'`;
}

async function stop(run: Run): Promise<void> {
  run.signal("SIGTERM");
  assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code after SIGTERM"));
  assertEquals(run.readLeft(), [], run.describe("left behind"));
}

const FAILING = {
  SUPERVISOR_PROGRAM__SIDE_COMMAND: sidecar("side", "exit 3"),
  SUPERVISOR_PROGRAM__SIDE_STARTRETRIES: "1",
};

describe("PROCESS_CRITICAL_PROGRAMS", () => {
  it("ends the container when a program in it is given up, and not for another", async () => {
    await using critical = start({ ...FAILING, PROCESS_CRITICAL_PROGRAMS: "side" });
    await using other = start(FAILING);
    assertEquals((await critical.waitForEnd()).code, 1, critical.describe("end"));
    assertEquals(
      critical.readNumbers("side").length,
      2,
      critical.describe("starts of the sidecar"),
    );
    assertEquals(critical.readLeft(), [], critical.describe("left behind"));
    assertEquals(critical.readTemporary(), []);

    await other.waitFor(() => other.read("stderr").includes("side:side"), "the warning");
    assertEquals(other.readNumbers("side").length, 2, other.describe("starts of the sidecar"));
    assertEquals(other.readNumbers("starts").length, 1, other.describe("starts of the engine"));
    await stop(other);
  });
});

interface CriticalCase {
  readonly title: string;
  readonly then: string;
  readonly env?: Record<string, string>;
  /** Starts of the critical program until the container ends. */
  readonly starts: number;
  readonly code: number;
}

const CRITICAL_CASES: readonly CriticalCase[] = [
  // supervisord calls both EXITED, which is no failure to it.
  { title: "an expected end", then: "sleep 1.3; exit 0", starts: 1, code: 1 },
  {
    title: "an expected end, the program's own code",
    then: "sleep 1.3; exit 9",
    env: {
      SUPERVISOR_PROGRAM__SIDE_EXITCODES: "0,9",
      PROCESS_GIVE_UP_EXIT_CODE: "engine",
    },
    starts: 1,
    code: 9,
  },
  {
    title: "autorestart=false",
    then: "exit 3",
    env: { SUPERVISOR_PROGRAM__SIDE_AUTORESTART: "false" },
    starts: 1,
    code: 1,
  },
  {
    title: "crashes after a good start, again and again",
    then: "sleep 1.3; exit 3",
    env: { PROCESS_MAX_RECOVERY_ATTEMPTS: "1" },
    starts: 2,
    code: 1,
  },
  {
    title: "failed starts",
    then: "exit 3",
    env: { SUPERVISOR_PROGRAM__SIDE_STARTRETRIES: "2" },
    starts: 3,
    code: 1,
  },
];

for (const supervisord of SUPERVISORDS) {
  describe(`a critical program with supervisord ${supervisord.version}`, () => {
    it("is under the engine's limits, and its end is the container's", async () => {
      await settleAll(CRITICAL_CASES.map(async ({ title, then, env, starts, code }) => {
        await using run = start({
          SUPERVISOR_PROGRAM__SIDE_COMMAND: sidecar("side", then),
          PROCESS_CRITICAL_PROGRAMS: "side",
          ...env,
        }, supervisord);
        const end = await run.waitForEnd();
        const text = run.describe(title);
        assertEquals({ code: end.code, starts: run.readNumbers("side").length }, {
          code,
          starts,
        }, text);
        assertEquals(run.readNumbers("starts").length, 1, text);
        assert(/gave up: side:side/.test(run.read("stderr")), text);
        assertEquals(run.readLeft(), [], text);
      }));
    });

    it("is restarted at once after a crash, and gets none of the engine's signals", async () => {
      await using run = start({
        SUPERVISOR_PROGRAM__SIDE_COMMAND: sidecar("side", "exec sleep 1000"),
        PROCESS_CRITICAL_PROGRAMS: "side",
      }, supervisord);
      const [[startedNs = 0, pid = 0]] = [
        await run.waitFor(() => run.readNumbers("side")[0], "the sidecar"),
      ];
      await run.waitFor(() => wallMs() > startedNs / 1e6 + 1_200, "it to count as started");
      const killedMs = wallMs();
      signalProcess(pid, "SIGKILL");
      const [againNs = 0, again = 0] = await run.waitFor(
        () => run.readNumbers("side")[1],
        "its restart",
      );
      assert(againNs / 1e6 - killedMs < 500, run.describe(`${againNs / 1e6 - killedMs} ms`));
      run.signal("SIGHUP"); // It would end the sleep, and does end the engine.
      await run.waitFor(() => run.readNumbers("starts").length === 2, "the engine's restart");
      assert(isAlive(again), run.describe("the sidecar lives on"));
      await stop(run);
    });
  });
}

describe("supervise() with sidecars", () => {
  it("stops them in the reverse order of their priorities, each in its own time", async () => {
    const onTerm = (file: string, wait: string) =>
      sidecar(
        file,
        `trap "sleep ${wait}; date +%%s%%N >>$TMPDIR/../${file}.end; exit 0" TERM; ` +
          `echo >$TMPDIR/../${file}.ready; while :; do sleep 0.05; done`,
      );
    await using run = start({
      SUPERVISOR_PROGRAM__LAST_COMMAND: onTerm("last", "0.1"),
      SUPERVISOR_PROGRAM__LAST_PRIORITY: "10",
      SUPERVISOR_PROGRAM__LAST_STOPASGROUP: "false",
      SUPERVISOR_PROGRAM__FIRST_COMMAND: onTerm("first", "1.5"),
      SUPERVISOR_PROGRAM__FIRST_PRIORITY: "2000",
      SUPERVISOR_PROGRAM__FIRST_STOPASGROUP: "false",
      SUPERVISOR_PROGRAM__FIRST_STOPWAITSECS: "5",
    });
    for (const file of ["last.ready", "first.ready"]) {
      await run.waitFor(() => run.read(file) !== "", file);
    }
    await stop(run);
    const [[last = 0] = [], [first = 0] = []] = ["last.end", "first.end"].map((file) =>
      run.readNumbers(file)[0]
    );
    assert(first > 0 && first < last, run.describe(`first ${first}, last ${last}`));
  });

  it("restarts one that dies at once, no faster than supervisord would", async () => {
    await using run = start({
      SUPERVISOR_PROGRAM__SIDE_COMMAND: sidecar("side", "exit 3"),
      SUPERVISOR_PROGRAM__SIDE_STARTSECS: "0",
      SUPERVISOR_PROGRAM__SIDE_AUTORESTART: "true",
    });
    await run.waitFor(() => run.readNumbers("side").length > 0, "the sidecar");
    const fromMs = wallMs();
    await pause(5_000);
    const seconds = (wallMs() - fromMs) / 1000;
    const starts = run.readNumbers("side").length;
    // After a burst of ten that a quiet time has earned, each question earns one a second, and so
    // does supervisord's own tick.
    assert(starts <= 12 + 2 * seconds, run.describe(`${starts} starts in ${seconds} s`));
    // And it goes on: its tick alone would have come to one a second.
    const next = "a restart after five seconds of them";
    await run.waitFor(() => run.readNumbers("side").length > Math.max(starts, 3), next);
    await stop(run);
  });
});
