import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import { readEvents } from "../support/engines.ts";
import { findFreePort } from "../support/namespace.ts";
import { itOfFlags } from "../support/needs.ts";
import { FIXTURES, makeCommand, Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";
import { Watched } from "../support/watched.ts";

// An engine that is known counts as started once its own port says so, and what cannot be asked after startsecs:
// a guess that is wrong must never make one that serves one that has not started.

const [supervisord] = readSupervisords();

/** When it was said to have started, s; waits for it. */
async function readStarted({ run }: { readonly run: Run }): Promise<number> {
  const [, seconds] = await run.waitFor(
    () => / started after (\d\S*) s/.exec(run.read("stderr")) ?? undefined,
    "its start",
  );
  return Number(seconds);
}

/** Runs a stand-in until it counts as started. @returns After how many seconds, and what was said. */
async function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  engine: "vllm" | "triton" = "vllm",
): Promise<{ readonly seconds: number; readonly said: string }> {
  await using watched = new Watched(supervisord!, engine, env, args);
  const seconds = await readStarted(watched);
  await stopCleanly(watched.run);
  return { seconds, said: watched.said };
}

/** A port that nobody chose at random: below those that the kernel gives away. */
function findLowPort(): number {
  for (let port = 20_000 + Math.floor(Math.random() * 9_000);; port++) {
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch { /* Taken. */ }
  }
}

describe("an engine that is known", () => {
  it("has started when its own path says so, and not before", async () => {
    const { seconds, said } = await start(["--load-secs", "4"]);
    assert(seconds >= 4 && seconds < 12, said);
  });

  it("fails its start where it dies before, however long after startsecs", async () => {
    await using watched = new Watched(supervisord!, "vllm", { PROCESS_MAX_START_RETRIES: "1" }, [
      ...["--die-secs", "2.5"],
    ]);
    await expectEnd(watched.run, 1);
    assertEquals(watched.starts, 2, watched.run.describe("starts"));
    assert(watched.said.includes("before it was started: retry 1 of 1"), watched.said);
  });

  it("has started after startsecs with PROCESS_HEALTH_URL=none", async () => {
    const { seconds, said } = await start(["--load-secs", "6"], { PROCESS_HEALTH_URL: "none" });
    assert(seconds < 5, said);
  });

  it("has started where its path is guarded or another one", async () => {
    for (const status of ["401", "404"]) await start(["--status", status]);
  });

  it("has started after startsecs where it listens on another port", async () => {
    const { said } = await start(["--really-port", String(findLowPort())]);
    assert(/it listens on port \d+, not on port/.test(said), said);
  });

  it("has started after startsecs where it says that it serves on a port that the kernel chose", async () => {
    const port = findFreePort();
    const { seconds, said } = await start(["--really-port", String(port), "--say", "1"], {
      PROCESS_STARTUP_TIMEOUT_SECS: "60",
    });
    assert(said.includes(`it listens on port ${port}, not on port`), said);
    assert(seconds < 20, said);
  });

  it("has started after startsecs where its host cannot be reached", async () => {
    const { said } = await start(["--host", "no-such-host.invalid"]);
    assert(said.includes("Cannot ask vLLM when it has started"), said);
  });

  it("has started after startsecs where somebody else holds its port", async () => {
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response("ok"),
    );
    const env = { PROCESS_STARTUP_TIMEOUT_SECS: "2" };
    await using watched = new Watched(supervisord!, "vllm", env, [
      ...["--really-port", String(findFreePort()), "--port", String(server.addr.port)],
    ]);
    await readStarted(watched);
    assert(watched.said.includes("is held by another process"), watched.said);
    await stopCleanly(watched.run);
    await server.shutdown();
  });

  it("is condemned by no timeout, which ends the wait instead", async () => {
    const { seconds, said } = await start(["--status", "503"], {
      PROCESS_STARTUP_TIMEOUT_SECS: "3",
    });
    assert(seconds >= 3 && said.includes("no good answer within 3 s"), said);
  });

  itOfFlags("has started after startsecs where Deno permits no question", async () => {
    const engine = (directory: string) => [
      ...[supervisord!.python, "-S", `${FIXTURES}/metrics_engine.py`, "--load-secs", "6"],
      ...["--port", String(findFreePort()), "--record", `${directory}/record`],
    ];
    await using run = new Run({
      supervisord,
      args: engine,
      env: {
        PROCESS_ENGINE: "vllm",
        SUPERVISOR_UNIX_HTTP_SERVER_FILE: "%(ENV_TMPDIR)s/s.sock",
      },
      command: (directory) =>
        makeCommand(engine(directory), [
          ...["env", "read", "write", "run", "sys", "ffi"].map((name) => `--allow-${name}`),
          `--allow-net=unix:${directory}/tmp/s.sock,127.0.0.1:9229`,
        ]),
    });
    const seconds = await readStarted({ run });
    assert(seconds < 5, run.describe("started"));
    assertEquals(run.read("stderr").split("Deno does not permit to ask it").length, 2);
    await stopCleanly(run);
  });

  it("has started after startsecs where several processes share its command", async () => {
    await using run = new Run({
      supervisord,
      args: [
        ...[supervisord!.python, "-S", `${FIXTURES}/metrics_engine.py`, "--load-secs", "60"],
        ...["--port", String(findFreePort())],
      ],
      env: {
        PROCESS_ENGINE: "vllm",
        SUPERVISOR_PROGRAM_NUMPROCS: "2",
        SUPERVISOR_PROGRAM_PROCESS_NAME: "%(program_name)s_%(process_num)d",
      },
    });
    await run.waitFor(
      () => run.read("stderr").match(/ started after \d/g)?.length === 2,
      "both starts",
    );
    await stopCleanly(run);
  });

  it("is asked by its port alone where it has no path: uvicorn", async () => {
    await using watched = new Watched(supervisord!, "vllm", { PROCESS_ENGINE: "uvicorn" }, [
      ...["--load-secs", "3", "--status", "503"],
    ]);
    const seconds = await readStarted(watched);
    assert(seconds >= 3, watched.said);
    await stopCleanly(watched.run);
  });
});

describe("PROCESS_HEALTH_URL=auto", () => {
  it("judges by the engine's own path", async () => {
    await using watched = new Watched(supervisord!, "triton", {
      PROCESS_HEALTH_URL: "auto",
      PROCESS_HEALTH_PERIOD_SECS: "1",
      PROCESS_HEALTH_FAILURE_THRESHOLD: "2",
    });
    await readStarted(watched);
    await watched.order("health?status=500");
    await watched.waitForLoad(2);
    await stopCleanly(watched.run);
    assert(watched.said.includes("2 failed probes in a row"), watched.said);
  });

  it("judges a start too", async () => {
    await using watched = new Watched(supervisord!, "vllm", {
      PROCESS_HEALTH_URL: "auto",
      PROCESS_STARTUP_TIMEOUT_SECS: "2",
      PROCESS_MAX_START_RETRIES: "0",
    }, ["--status", "503"]);
    await expectEnd(watched.run, 1);
    assert(watched.said.includes("not ready after 2 s"), watched.said);
  });

  it("is refused before anything starts where the engine is not known", async () => {
    await using run = new Run({
      supervisord,
      args: (directory) => [`${FIXTURES}/records_start.sh`, `${directory}/starts`],
      env: { PROCESS_HEALTH_URL: "auto" },
    });
    const { code } = await run.waitForEnd();
    assertEquals([code, run.read("starts")], [1, ""], run.describe("end"));
    assert(run.read("stderr").includes("PROCESS_HEALTH_URL"), run.describe("names it"));
    assertEquals(readEvents(run), []);
  });
});

/** Says that the engine is healthy, whoever holds its port. */
const HEALTHY = [
  [{}, ["/health null"]],
  [{ PROCESS_HEALTH_URL: "auto" }, ["/health null"]],
  [{ PROCESS_HEALTH_COMMAND: "/bin/true" }, []],
] as const;

describe("A stranger on the engine's port", () => {
  it("keeps gunicorn from having started, which tries for longer than startsecs", async () => {
    using stranger = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = stranger.addr;
    await using run = new Run({
      supervisord,
      args: (directory) => {
        const engine = `${directory}/gunicorn`;
        const script = `#!/bin/sh
echo $$ >>${directory}/starts
sleep 2
echo "Can't connect to ('127.0.0.1', ${port})"
exit 1
`;
        Deno.writeTextFileSync(engine, script, { mode: 0o755 });
        return [engine, "-b", `127.0.0.1:${port}`, "app:app"];
      },
    });
    await expectEnd(run, 1);
    const text = run.describe("the end");
    assertEquals(run.read("starts").match(/\n/g)?.length, 1, text);
    assert(run.read("stderr").includes("cause: port_in_use"), text);
  });

  for (const [env, expected] of HEALTHY) {
    const [way = "by itself"] = Object.keys(env);
    it(`is shown no key, and sent no canary: ${way}`, () => showStranger(env, expected));
  }
});

async function showStranger(
  env: Readonly<Record<string, string>>,
  expected: readonly string[],
): Promise<void> {
  const seen: string[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ url, headers }) => {
      seen.push(`${new URL(url).pathname} ${headers.get("Authorization")}`);
      return new Response("");
    },
  );
  await using run = new Run({
    supervisord,
    args: (directory) => {
      const engine = `${directory}/llama-server`;
      Deno.writeTextFileSync(engine, "#!/bin/sh\nexec sleep 100\n", { mode: 0o755 });
      return [engine, "--port", `${server.addr.port}`, "--metrics", "--api-key", "SECRET"];
    },
    env: {
      PROCESS_STARTUP_TIMEOUT_SECS: "2",
      PROCESS_PROGRESS_TIMEOUT_SECS: "5",
      PROCESS_CANARY_PERIOD_SECS: "1",
      ...env,
    },
  });
  await run.waitFor(() => /started after/.test(run.read("stderr")) || undefined, "the start");
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await stopCleanly(run);
  assertEquals<readonly string[]>([...new Set(seen)], expected, run.describe("questions"));
  const said = run.read("stderr").split("port " + server.addr.port + " is held by another process");
  assertEquals(said.length, 2, run.describe("said once"));
}
