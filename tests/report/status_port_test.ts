import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { launch } from "../../src/launch/launch.ts";
import { createLogger } from "../../src/log/logger.ts";
import type { StatusDocument } from "../../src/status/status_document.ts";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import { recordingEngine, sleeper, waitForStart } from "../support/engines.ts";
import { askEngine, findFreePort, waitUntil } from "../support/namespace.ts";
import { itOfFlags } from "../support/needs.ts";
import { pause, readUsage, signalProcess, wallMs } from "../support/processes.ts";
import { FIXTURES, Run } from "../support/run.ts";
import { type Answer, ask, LOADS, StatusLoad } from "../support/status_client.ts";
import { readSupervisords } from "../support/supervisords.ts";

// PROCESS_STATUS_PORT shows the launch from its beginning to its end, and nobody who asks can hold it up.

const [supervisord] = readSupervisords();
if (supervisord === undefined) throw new Error("No supervisord");

const readStatus = async (port: number): Promise<StatusDocument> =>
  JSON.parse((await ask(port, "/status")).body);

/** Waits for an answer of /readyz, and returns what /livez says then. */
async function waitForReady(
  run: Run,
  port: number,
  status: number,
  state: string,
): Promise<Answer> {
  await waitUntil(run, async () => {
    const answer = await ask(port, "/readyz");
    return answer.status === status && answer.body.startsWith(`${state}: `);
  }, `/readyz: ${status} ${state}`);
  return await ask(port, "/livez");
}

describe("PROCESS_STATUS_PORT", () => {
  for (const supervisord of readSupervisords()) {
    it(`follows a launch from its load to its drain (${supervisord.version})`, async () => {
      const [port, enginePort] = [findFreePort(), findFreePort()];
      await using run = new Run({
        supervisord,
        args: (directory) =>
          recordingEngine(supervisord, directory, "--load-secs", "1.5", "--drain-secs", "1")
            .map((word) => word === "0" ? String(enginePort) : word),
        env: {
          PROCESS_STATUS_PORT: String(port),
          PROCESS_HEALTH_URL: `http://127.0.0.1:${enginePort}/health`,
        },
      });
      assertEquals((await waitForReady(run, port, 503, "loading")).status, 200);
      assertEquals((await waitForReady(run, port, 200, "running")).status, 200);
      assertEquals((await ask(port, "/metrics")).body.includes("_engine_ready 1"), true);
      await askEngine(enginePort, "POST", "/control/signal?name=SEGV");
      assertEquals((await waitForReady(run, port, 503, "recovering")).status, 200);
      assertEquals((await waitForReady(run, port, 200, "running")).status, 200);
      const { runs, ready } = await readStatus(port);
      assertEquals([runs.length, runs[0]?.exit?.signal, ready], [2, "SIGSEGV", true]);
      const metrics = (await ask(port, "/metrics")).body;
      const cause = runs[0]?.cause ?? "unknown";
      for (
        const line of [
          `standard_supervisor_restarts_total{program="llm_engine:llm_engine",cause="${cause}"} 1`,
          `supervisord="${supervisord.version}"}`,
          `standard_supervisor_last_exit_code{program="llm_engine:llm_engine"} 139`,
          `standard_supervisor_recovery_duration_seconds_count{program="llm_engine:llm_engine"} 1`,
        ]
      ) assertStringIncludes(metrics, line);
      const page = await ask(port, "/");
      assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
      const policy = page.headers.get("content-security-policy") ?? "";
      assert(
        /^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-/.test(policy),
        policy,
      );
      const ended = stopCleanly(run);
      const alive = await waitForReady(run, port, 503, "draining");
      assertEquals([alive.status, alive.body.includes("SIGTERM came")], [200, true], alive.body);
      await ended;
      assertEquals((await ask(port, "/livez")).status, 0);
    });
  }

  it("is served while packages are installed", async () => {
    const port = findFreePort();
    await using run = new Run({
      supervisord,
      args: (directory) => {
        const script = `#!/bin/sh\nwhile ! [ -e ${directory}/go ]; do sleep 0.05; done\n`;
        Deno.writeTextFileSync(`${directory}/uv`, script, { mode: 0o755 });
        return sleeper(directory);
      },
      env: (directory) => ({
        PATH: `${directory}:${Deno.env.get("PATH")}`,
        PROCESS_STATUS_PORT: String(port),
        STANDARD_PIP_ARGS: "x",
      }),
    });
    assertEquals((await waitForReady(run, port, 503, "installing")).status, 200);
    assertEquals((await readStatus(port)).programs, []);
    assertStringIncludes((await ask(port, "/metrics")).body, "standard_supervisor_engine_ready 0");
    Deno.writeTextFileSync(run.path("go"), "");
    await waitForReady(run, port, 200, "running");
    await stopCleanly(run);
  });

  it("says that it has given up while the rest is still being stopped", async () => {
    const port = findFreePort();
    await using run = new Run({
      supervisord,
      args: [`${FIXTURES}/dies_at_once.sh`],
      env: {
        PROCESS_STATUS_PORT: String(port),
        PROCESS_MAX_START_RETRIES: "0",
        SUPERVISOR_PROGRAM__SLOW_COMMAND:
          "/bin/sh -c 'trap \"sleep 2; exit\" TERM; while :; do sleep 0.05; done'",
      },
    });
    await waitUntil(run, async () => (await ask(port, "/livez")).status === 503, "/livez: 503");
    const { state, programs } = await readStatus(port);
    assertEquals([state, programs[0]?.state], ["gave_up", "gave_up"]);
    await expectEnd(run, 1);
  });

  it("says that a direct launch serves nothing", async () => {
    const port = findFreePort();
    await using run = new Run({
      args: ["/bin/sh", "-c", "sleep 0.2; exit 7"],
      env: { PROCESS_STATUS_PORT: String(port), PROCESS_AUTO_RECOVERY: "false" },
    });
    assertEquals((await run.waitForEnd()).code, 7, run.describe(""));
    assertEquals(run.read("stderr").match(/PROCESS_STATUS_PORT has no effect/g)?.length, 1);
  });

  it("refuses a port that it cannot have, before anything starts", async () => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr;
    const rows: [string, string[], Record<string, string>, string][] = [
      [
        "held by somebody",
        ["/bin/true"],
        { PROCESS_STATUS_PORT: String(port) },
        `Cannot read PROCESS_STATUS_PORT as a free port of 127.0.0.1: current value is "${port}"; somebody else`,
      ],
      [
        "the engine's",
        ["vllm", "serve", "m", "--host", "0.0.0.0", "--port", "8123"],
        { PROCESS_STATUS_PORT: "8123" },
        "vLLM listens there",
      ],
      [
        "the engine's default",
        ["vllm", "serve", "m"],
        { PROCESS_STATUS_PORT: "8000" },
        "vLLM listens there",
      ],
      [
        "the probe's",
        ["/bin/true"],
        { PROCESS_STATUS_PORT: "8124", PROCESS_HEALTH_URL: "http://localhost:8124/health" },
        "PROCESS_HEALTH_URL names it",
      ],
      [
        "supervisord's",
        ["/bin/true"],
        { PROCESS_STATUS_PORT: "8125", SUPERVISOR_INET_HTTP_SERVER_PORT: "*:8125" },
        "SUPERVISOR_INET_HTTP_SERVER_PORT names it",
      ],
      [
        "of another machine",
        ["/bin/true"],
        { PROCESS_STATUS_PORT: "8126", PROCESS_STATUS_HOST: "192.0.2.1" },
        "Cannot read PROCESS_STATUS_HOST as an address of this machine",
      ],
      ["no port", ["/bin/true"], { PROCESS_STATUS_PORT: "70000" }, "an integer from 1 to 65535"],
    ];
    for (const [what, args, env, words] of rows) {
      await using run = new Run({ supervisord, args, env });
      assertEquals((await run.waitForEnd()).code, 1, run.describe(what));
      const stderr = run.read("stderr");
      const lines = stderr.split("\n").filter((line) => line.includes("Configuration error"));
      assertEquals(lines.length, 1, run.describe(what));
      assertStringIncludes(lines[0]!, words, what);
      assertEquals(stderr.includes("spawned"), false, what);
    }
  });

  itOfFlags("names its address where Deno does not permit it", async () => {
    await using run = new Run({
      supervisord,
      args: ["/bin/true"],
      env: {
        PROCESS_STATUS_PORT: "8127",
        PROCESS_STATUS_HOST: "::1",
        SUPERVISOR_UNIX_HTTP_SERVER_FILE: "/run/fixed.sock",
      },
      permissions: [
        ...["--allow-env", "--allow-read", "--allow-write", "--allow-run", "--allow-sys"],
        "--allow-net=127.0.0.1:9229",
      ],
    });
    assertEquals((await run.waitForEnd()).code, 1, run.describe(""));
    assertStringIncludes(run.read("stderr"), "[::1]:8127");
    assertStringIncludes(run.read("stderr"), "PROCESS_STATUS_PORT");
  });

  it("is given back at the end of a launch in a program that goes on", async () => {
    const port = findFreePort();
    const directory = Deno.makeTempDirSync({ prefix: "status-port-test-" });
    try {
      const engine = launch({
        argv: sleeper(directory),
        env: {
          PATH: Deno.env.get("PATH") ?? "",
          TMPDIR: directory,
          PROCESS_STATUS_PORT: String(port),
          SUPERVISORD_PATH: supervisord.path,
        },
        log: createLogger({
          level: "critical",
          format: "text",
          write: () => {},
          now: () => new Date(),
        }),
        output: "piped",
      });
      for (const stream of [engine.stdout, engine.stderr]) stream?.cancel();
      while ((await ask(port, "/readyz")).status !== 200) await pause(20);
      await engine.stop();
      Deno.listen({ hostname: "127.0.0.1", port }).close();
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  });

  it("listens where the engine of the same port does not", async () => {
    const port = findFreePort();
    await using run = new Run({
      supervisord,
      args: (directory) => [...sleeper(directory), "--host", "127.0.0.1", "--port", String(port)],
      env: {
        PROCESS_ENGINE: "vllm",
        PROCESS_STATUS_PORT: String(port),
        PROCESS_STATUS_HOST: "127.0.0.2",
      },
    });
    const seen = await run.waitFor(
      () => run.end ?? run.readNumbers("starts")[0],
      "the start or the end",
    );
    assert(Array.isArray(seen), run.describe("it was refused"));
    await stopCleanly(run);
  });

  it("holds up neither a restart nor the end, whatever its clients do", async () => {
    const port = findFreePort();
    await using run = new Run({
      supervisord,
      args: sleeper,
      env: {
        PROCESS_STATUS_PORT: String(port),
        PROCESS_MAX_RECOVERY_ATTEMPTS: "100",
        SUPERVISOR_PROGRAM_STARTSECS: "0",
      },
    });
    let number = 1;
    let engine = await waitForStart(run, number);
    for (const kind of LOADS) {
      await using load = new StatusLoad(kind, port);
      await waitUntil(run, async () => (await ask(port, "/livez")).status === 200, kind);
      const [beganMs, before] = [wallMs(), readUsage(run.pid).cpuMs];
      signalProcess(engine.pid, "SIGKILL");
      engine = await waitForStart(run, ++number);
      await pause(Math.max(0, beganMs + 2_000 - wallMs()));
      // Times say nothing on a busy machine; what it takes of a CPU does: under 10 % were measured.
      const share = (readUsage(run.pid).cpuMs - before) / (wallMs() - beganMs);
      assert(share < 0.4, run.describe(`${kind}: ${Math.round(share * 100)} % of a CPU`));
      if (kind === LOADS.at(-1)) await stopCleanly(run);
      const did = await load.end();
      assert(did.connections! > 0, kind);
    }
  });
});
