import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import { python } from "../support/engines.ts";
import { isAlive, signalProcess, wallMs } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Who is told to stop, how often and what is said of it.

function count(run: Run, event: string): number {
  return run.read("events").split("\n").filter((line) => line.startsWith(`${event} `)).length;
}

/** Ignores SIGTERM, and says its pid in a file. */
const IGNORES = "import os, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " +
  'open(sys.argv[1], "w").write("%d\\n" % os.getpid()); time.sleep(1000)';

/** A supervisord whose children take 0.7 s from fork to exec, as with very many open files. */
function writeSlowExec(directory: string, interpreter: string): string {
  const path = `${directory}/supervisord`;
  const text = `#!${interpreter}
import os, time
execve = os.execve
def slow(*args):
    time.sleep(0.7)
    execve(*args)
os.execve = slow
from supervisor.supervisord import main
main()
`;
  Deno.writeTextFileSync(path, text, { mode: 0o755 });
  return path;
}

for (const supervisord of readSupervisords()) {
  const start = (drainSecs: number, options: string[], env: Record<string, string> = {}) =>
    new Run({
      supervisord,
      args: (directory) =>
        python(supervisord, "counts_terms.py", `${directory}/events`, `${drainSecs}`, ...options),
      env: { SUPERVISOR_PROGRAM_STARTSECS: "0", ...env },
    });
  const waitFor = (run: Run, event: string) =>
    run.waitFor(() => count(run, event) > 0, `the engine's ${event}`);

  describe(`Stopping with supervisord ${supervisord.version}`, () => {
    for (const when of ["before", "after"]) {
      it(`tells the engine once though supervisord stalls ${when} it has told it, and goes on`, async () => {
        await using run = start(4, []);
        await waitFor(run, "start");
        const pid = run.findSupervisord()!;
        if (when === "before") signalProcess(pid, "SIGSTOP");
        run.signal("SIGTERM");
        await waitFor(run, "term");
        const toldMs = wallMs();
        if (when === "after") signalProcess(pid, "SIGSTOP");
        await run.waitFor(() => wallMs() > toldMs + 2_600, "a stall of 2.6 s");
        signalProcess(pid, "SIGCONT");
        await expectEnd(run, 0);
        assertEquals(
          [count(run, "term"), count(run, "end")],
          [1, 1],
          run.describe("SIGTERMs, ends"),
        );
        assertEquals(run.read("stdout").trimEnd().split("\n").at(-1), "drained");
      });
    }

    it("stops an engine at once that is told between its fork and its exec", async () => {
      await using run = new Run({
        supervisord,
        args: ["sleep", "600"],
        env: (directory) => ({
          SUPERVISORD_PATH: writeSlowExec(directory, supervisord.python),
          SUPERVISOR_PROGRAM_STARTSECS: "0",
          LOG_LEVEL: "debug",
        }),
      });
      await run.waitFor(() => run.read("stderr").includes("spawned: 'llm_engine'"), "the fork");
      run.signal("SIGTERM");
      const { code } = await run.waitForEnd();
      assertEquals(code, 0, run.describe("exit code"));
      assert(run.read("stderr").includes("it is sent again"), run.describe("what was said"));
      assert(!run.read("stderr").includes("was killed"), run.describe("what was said"));
    });

    it("tells the engine where supervisord is killed before it has", async () => {
      await using run = start(0.3, ["--quiet"]); // Nobody reads its output any more.
      await waitFor(run, "start");
      const pid = run.findSupervisord()!;
      signalProcess(pid, "SIGSTOP");
      run.signal("SIGTERM");
      await run.waitFor(() => run.read("stderr").includes("SIGTERM came"), "the stop to begin");
      signalProcess(pid, "SIGKILL");
      await expectEnd(run, 0);
      assertEquals([count(run, "term"), count(run, "end")], [1, 1], run.describe("SIGTERMs, ends"));
    });

    it("kills an engine after its grace where supervisord no longer can", async () => {
      await using run = start(0, ["--ignore"], { SUPERVISOR_PROGRAM_STOPWAITSECS: "1" });
      await waitFor(run, "start");
      run.signal("SIGTERM");
      await waitFor(run, "term");
      signalProcess(run.findSupervisord()!, "SIGKILL");
      await expectEnd(run, 0);
      assertEquals(count(run, "term"), 1, run.describe("SIGTERMs"));
      const said = run.read("stderr");
      assert(said.includes("was killed after its grace of 1 s; exit code 0"), run.describe("said"));
    });

    it("kills what an engine left once the engine's grace is over", async () => {
      const script = `"$0" -S -I -c '${IGNORES}' "$1/worker" &
        until [ -s "$1/worker" ]; do sleep 0.01; done; exec sleep 1000`;
      await using run = new Run({
        supervisord,
        args: (directory) => ["/bin/sh", "-c", script, supervisord.python, directory],
        env: { SUPERVISOR_PROGRAM_STARTSECS: "0", SUPERVISOR_PROGRAM_STOPWAITSECS: "1" },
      });
      const [[worker = 0] = []] = await run.waitFor(() => {
        const numbers = run.readNumbers("worker");
        return numbers.length > 0 && numbers;
      }, "the worker");
      assert(await stopCleanly(run, "SIGTERM", { pids: () => [worker] }) >= 900);
      assert(/what \S+ left, 1 process .* was killed after/.test(run.read("stderr")));
    });

    for (const signal of ["SIGSTOP", "SIGKILL"] as const) {
      it(`gives a program its grace whose turn comes when supervisord got ${signal}`, async () => {
        const side = (directory: string) =>
          python(supervisord, "counts_terms.py", `${directory}/side`, "0.5").join(" ");
        await using run = new Run({
          supervisord,
          args: (directory) => python(supervisord, "counts_terms.py", `${directory}/events`, "4"),
          env: (directory) => ({
            SUPERVISOR_PROGRAM_STARTSECS: "0",
            SUPERVISOR_PROGRAM_STOPWAITSECS: "8",
            SUPERVISOR_PROGRAM__SIDE_COMMAND: side(directory),
            SUPERVISOR_PROGRAM__SIDE_STOPWAITSECS: "1",
            SUPERVISOR_PROGRAM__SIDE_PRIORITY: "1", // supervisord stops it last.
          }),
        });
        await waitFor(run, "start");
        await run.waitFor(() => run.read("side").includes("start"), "the sidecar");
        run.signal("SIGTERM");
        await waitFor(run, "term");
        const toldMs = wallMs();
        await run.waitFor(() => wallMs() > toldMs + 1_500, "more time than the sidecar's grace");
        assert(!run.read("side").includes("term"), run.describe("its turn has not come"));
        signalProcess(run.findSupervisord()!, signal);
        await expectEnd(run, 0);
        const events = run.read("side").replaceAll(/ \d+\n/g, " ").trim();
        // Where supervisord was killed nobody reads on, and its last words break it.
        assertEquals(
          events,
          signal === "SIGSTOP" ? "start term end" : "start term",
          run.describe("the sidecar"),
        );
      });
    }

    it("tells an engine that has moved to another process group", async () => {
      await using run = start(0.2, ["--move"], { SUPERVISOR_PROGRAM_STOPWAITSECS: "8" });
      await waitFor(run, "start");
      assert(await stopCleanly(run) < 5_000, run.describe("it ended by itself"));
      assertEquals([count(run, "term"), count(run, "end")], [1, 1]);
    });

    it("says who is told what, and who was killed when the grace was over", async () => {
      await using run = start(0, ["--ignore"], { SUPERVISOR_PROGRAM_STOPWAITSECS: "1" });
      await waitFor(run, "start");
      await stopCleanly(run);
      const said = run.read("stderr");
      for (
        const line of [
          "SIGTERM came: stopping everything",
          /llm_engine \(pid \d+\) gets SIGTERM and has 1 s/,
          /llm_engine \(pid \d+\) was killed after its grace of 1 s\n/,
          /stopped by SIGTERM; .*llm_engine \(pid \d+\) was killed after its grace of 1 s; exit code 0/,
        ]
      ) {
        assert(
          typeof line === "string" ? said.includes(line) : line.test(said),
          run.describe(`${line}`),
        );
      }
    });

    it("does not take an engine that drains for one that hangs after `supervisorctl shutdown`", async () => {
      await using run = new Run({
        supervisord,
        args: (directory) => python(supervisord, "counts_terms.py", `${directory}/events`, "3"),
        env: (directory) => ({
          PROCESS_HEALTH_COMMAND: `/bin/sh -c 'test ! -e ${directory}/sick'`,
          PROCESS_HEALTH_PERIOD_SECS: "1",
          PROCESS_HEALTH_FAILURE_THRESHOLD: "1",
          PROCESS_HANG_GRACE_SECS: "0",
        }),
      });
      await run.waitFor(() => run.read("stderr").includes(" started after "), "the engine");
      await waitFor(run, "start");
      signalProcess(run.findSupervisord()!, "SIGTERM"); // As `supervisorctl shutdown` does.
      await waitFor(run, "term");
      Deno.writeTextFileSync(run.path("sick"), "");
      await expectEnd(run, 0);
      assertEquals(count(run, "end"), 1, run.describe("it drained"));
    });

    it("condemns no engine for its startup timeout after `supervisorctl shutdown`", async () => {
      await using run = new Run({
        supervisord,
        args: (directory) => python(supervisord, "counts_terms.py", `${directory}/events`, "4"),
        env: {
          PROCESS_HEALTH_COMMAND: "/bin/false",
          PROCESS_STARTUP_TIMEOUT_SECS: "3",
          PROCESS_HANG_GRACE_SECS: "0",
        },
      });
      await waitFor(run, "start");
      signalProcess(run.findSupervisord()!, "SIGTERM"); // As `supervisorctl shutdown` does.
      await waitFor(run, "term");
      await expectEnd(run, 0);
      assertEquals(count(run, "end"), 1, run.describe("it drained"));
      assert(!run.read("stderr").includes("not ready after"), run.describe("no failed start"));
    });
  });
}

const [supervisord] = readSupervisords();

describe("a hang", () => {
  it("is cut short after PROCESS_HANG_GRACE_SECS, since it cannot drain", async () => {
    await using run = new Run({
      supervisord,
      args: (directory) =>
        python(supervisord!, "counts_terms.py", `${directory}/events`, "0", "--ignore"),
      env: (directory) => ({
        PROCESS_HEALTH_COMMAND: `/bin/sh -c 'test ! -e ${directory}/sick'`,
        PROCESS_HEALTH_PERIOD_SECS: "1",
        PROCESS_HEALTH_FAILURE_THRESHOLD: "1",
        PROCESS_HANG_GRACE_SECS: "1",
      }),
    });
    await run.waitFor(() => run.read("stderr").includes(" started after "), "the engine");
    Deno.writeTextFileSync(run.path("sick"), "");
    await run.waitFor(() => run.read("stderr").includes("is unhealthy"), "the verdict");
    const condemnedMs = wallMs();
    Deno.removeSync(run.path("sick"));
    await run.waitFor(() => count(run, "start") > 1, "the next engine");
    assert(wallMs() - condemnedMs < 4_000, run.describe("a second, and what a restart takes"));
    assert(
      /was stopped after [\d.]+ s as unhealthy: .*, with SIGKILL after 1 s/.test(
        run.read("stderr"),
      ),
    );
    assertEquals(count(run, "term"), 1, run.describe("SIGTERMs"));
    signalProcess(run.findSupervisord()!, "SIGKILL"); // Else the ignored SIGTERM takes its whole grace.
    await expectEnd(run, 125);
  });
});

describe("the end", () => {
  it("takes an orphan with an empty environment along, where we are not PID 1", async () => {
    const engine = `(setsid env -i /bin/sh -c 'echo $$ >"$0"; exec sleep 1000' "$0/orphan" &)
      exec sleep 1000`;
    await using run = new Run({
      supervisord,
      args: (directory) => ["/bin/sh", "-c", engine, directory],
      env: { SUPERVISOR_PROGRAM_STARTSECS: "0" },
    });
    const [[orphan = 0] = []] = await run.waitFor(() => {
      const numbers = run.readNumbers("orphan");
      return numbers.length > 0 && numbers;
    }, "the orphan");
    assert(isAlive(orphan));
    await stopCleanly(run, "SIGTERM", { pids: () => [orphan] });
  });
});
