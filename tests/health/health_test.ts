import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { expectEnd, stopCleanly } from "../support/ends.ts";
import {
  readEvents,
  readStarts,
  recordingEngine,
  sleeper,
  waitForEvent,
  waitForStart,
} from "../support/engines.ts";
import { findFreePort, waitUntil } from "../support/namespace.ts";
import { isAlive, wallMs } from "../support/processes.ts";
import { MOUNT_NAMESPACE_PROBLEM } from "../support/isolation.ts";
import { FIXTURES, Run } from "../support/run.ts";
import { readSupervisords } from "../support/supervisords.ts";

// Probes decide when an engine is started and when it works no more. The engine here sleeps; what its
// probe is told is this process's to say.

const [supervisord] = readSupervisords();

type Answer = (request: Request, starts: number) => Response | Promise<Response>;

const OK = () => new Response("ok");
const status = (code: number) => new Response(null, { status: code });

/** One probed run. */
interface Probed {
  readonly run: Run;
  /** When each probe came, by the wall clock, ms, and its path. */
  readonly probes: { readonly atMs: number; readonly path: string }[];
}

/** Runs a sleeping engine whose probe is answered by `answer`, lets `look` look, and stops it. */
async function withProbe(
  answer: Answer,
  env: Record<string, string>,
  look: (probed: Probed) => Promise<void>,
): Promise<void> {
  const probes: { atMs: number; path: string }[] = [];
  // Abort, for a handler that never answers would keep an orderly shutdown waiting.
  using abort = {
    controller: new AbortController(),
    [Symbol.dispose]: () => abort.controller.abort(),
  };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: abort.controller.signal },
    (request) => {
      probes.push({ atMs: wallMs(), path: new URL(request.url).pathname });
      return answer(request, readStarts(run).length);
    },
  );
  await using run: Run = new Run({
    supervisord,
    args: sleeper,
    env: {
      PROCESS_HEALTH_URL: `http://127.0.0.1:${server.addr.port}/health`,
      PROCESS_HEALTH_PERIOD_SECS: "1",
      PROCESS_HEALTH_TIMEOUT_SECS: "1",
      PROCESS_HEALTH_FAILURE_THRESHOLD: "2",
      ...env,
    },
  });
  await look({ run, probes });
}

/** Healthy once, then as said; healthy again after a restart. */
function failingOnce(fail: Answer): Answer {
  let asked = 0;
  return (request, starts) => starts > 1 || asked++ === 0 ? OK() : fail(request, starts);
}

const FAILURES: readonly (readonly [name: string, answer: Answer])[] = [
  ["404", () => status(404)],
  ["503", () => status(503)],
  ["no answer at all", () => new Promise(() => {})],
  [
    "a redirect on the same host to 404",
    (request) =>
      new URL(request.url).pathname === "/gone"
        ? status(404)
        : new Response(null, { status: 302, headers: { Location: "/gone" } }),
  ],
];

/** Healthy answers: with each the engine gets past its startup timeout. */
const SUCCESSES: readonly (readonly [name: string, answer: Answer])[] = [
  ["200", OK],
  ["304", () => status(304)],
  [
    "a redirect to another host, which nobody asks",
    () => new Response(null, { status: 302, headers: { Location: "http://192.0.2.1/" } }),
  ],
  [
    "a redirect on the same host to 200",
    (request) =>
      new URL(request.url).pathname === "/there"
        ? OK()
        : new Response(null, { status: 302, headers: { Location: "/there" } }),
  ],
];

describe("createHttpProbe()", () => {
  it("recovers an engine that has become unhealthy", async () => {
    await Promise.all(
      FAILURES.map(([name, answer]) =>
        withProbe(failingOnce(answer), {}, async ({ run }) => {
          const first = await waitForStart(run, 1);
          const second = await waitForStart(run, 2);
          assertEquals(
            [isAlive(first.pid), isAlive(second.pid)],
            [false, true],
            run.describe(name),
          );
          await stopCleanly(run);
          assertEquals(readStarts(run).length, 2, run.describe(name));
        })
      ),
    );
  });

  it("calls 200 to 399 healthy, other hosts' redirects too, and uses no proxy", async () => {
    const proxy = "http://127.0.0.1:1";
    const env = {
      PROCESS_STARTUP_TIMEOUT_SECS: "2",
      PROCESS_MAX_START_RETRIES: "0",
      HTTP_PROXY: proxy,
      http_proxy: proxy,
      ALL_PROXY: proxy,
      NO_PROXY: "",
    };
    await Promise.all(
      SUCCESSES.map(([name, answer]) =>
        withProbe(answer, env, async ({ run, probes }) => {
          await run.waitFor(
            () => probes.length > 0 && probes.at(-1)!.atMs - probes[0]!.atMs > 2_500,
            `${name}: probes past the startup timeout`,
          );
          assertEquals(readStarts(run).length, 1, run.describe(name));
          await stopCleanly(run);
        })
      ),
    );
  });

  it("leaves a slow load alone, and gives up when the startup timeout has passed", async () => {
    let readyMs = Infinity;
    await Promise.all([
      withProbe(
        () => wallMs() > readyMs ? OK() : status(503),
        { PROCESS_HEALTH_FAILURE_THRESHOLD: "1", SUPERVISOR_PROGRAM_STARTSECS: "1" },
        async ({ run, probes }) => {
          await run.waitFor(() => probes.length > 0, "the first probe");
          readyMs = wallMs() + 3_000;
          await run.waitFor(() => (probes.at(-1)?.atMs ?? 0) > readyMs + 500, "readiness");
          assertEquals(readStarts(run).length, 1, run.describe("slow load"));
          await stopCleanly(run);
        },
      ),
      withProbe(
        () => status(503),
        { PROCESS_STARTUP_TIMEOUT_SECS: "1", PROCESS_MAX_START_RETRIES: "1" },
        async ({ run }) => {
          await expectEnd(run, 1);
          assertEquals(readStarts(run).length, 2, run.describe("startup timeout"));
        },
      ),
    ]);
  });

  it("counts an unhealthy engine as a recovery, and stops it with its own signal", async () => {
    await using run = new Run({
      supervisord,
      args: (directory) => recordingEngine(supervisord!, directory, "--workers", "3"),
      env: {
        PROCESS_HEALTH_COMMAND: `/bin/sh -c 'test ! -e "$TMPDIR/../sick"'`,
        PROCESS_HEALTH_PERIOD_SECS: "1",
        PROCESS_HEALTH_FAILURE_THRESHOLD: "1",
        PROCESS_MAX_RECOVERY_ATTEMPTS: "1",
        SUPERVISOR_PROGRAM_STOPSIGNAL: "INT",
      },
    });
    await waitForEvent(run, "loaded");
    await run.waitFor(() => run.read("stderr").includes(" started after "), "readiness");
    Deno.writeTextFileSync(run.path("sick"), "");
    await waitForEvent(run, "exit");
    Deno.removeSync(run.path("sick"));
    await waitForEvent(run, "loaded", 2);
    await run.waitFor(() => run.read("stderr").split(" started after ").length > 2, "readiness");
    Deno.writeTextFileSync(run.path("sick"), "");
    await expectEnd(run, 1); // The only recovery is used up.
    const events = readEvents(run);
    assertEquals(events.filter(({ event }) => event === "start").length, 2);
    assertEquals(events.find(({ event }) => event === "term")?.signal, "INT");
  });
});

/** Gives localhost both its addresses, as most images do. */
const BOTH_FAMILIES = ["unshare", "-m", "sh", "-c"];
const BIND_HOSTS =
  'printf "127.0.0.1 localhost\\n::1 localhost\\n" >"$1" && mount --bind "$1" /etc/hosts && shift && exec "$@"';

describe("createHttpProbe() of a host with several addresses", () => {
  const test = MOUNT_NAMESPACE_PROBLEM === undefined ? it : it.skip;
  test(`says what each of them answered (${MOUNT_NAMESPACE_PROBLEM ?? "as root"})`, async () => {
    const port = findFreePort();
    await using run = new Run({
      supervisord,
      args: sleeper,
      env: { PROCESS_HEALTH_URL: `http://localhost:${port}/health` },
      wrapper: (directory) => [...BOTH_FAMILIES, BIND_HOSTS, "sh", `${directory}/hosts`],
    });
    const [reason = ""] = await run.waitFor(
      () => /health probe: .*/.exec(run.read("stderr")) ?? undefined,
      "a failed probe's reason",
    );
    assert(reason.includes("127.0.0.1") && reason.includes("::1"), reason);
    assert(/refused|EADDRNOTAVAIL|not available|unreachable/i.test(reason), reason);
    await stopCleanly(run);
  });
});

describe("createCommandProbe()", () => {
  it("gives its command none of our own descriptors", async () => {
    await using run = new Run({
      supervisord,
      args: sleeper,
      env: (directory) => ({
        PROCESS_HEALTH_COMMAND: `/bin/sh -c 'ls -l /proc/self/fd >>"${directory}/descriptors"'`,
        PROCESS_HEALTH_PERIOD_SECS: "1",
      }),
    });
    // The second probe comes after the watch over the engine began.
    await run.waitFor(() => run.read("descriptors").split("total 0").length > 2, "two probes");
    const [, , second = ""] = run.read("descriptors").split("total 0");
    assertEquals(second.match(/anon_inode:.*|socket:.*/g), null, second);
    await stopCleanly(run);
  });

  it("kills a command that takes too long, with all that it started", async () => {
    await using run = new Run({
      supervisord,
      args: sleeper,
      env: {
        PROCESS_HEALTH_COMMAND:
          `/bin/sh -c 'echo >>"$TMPDIR/../asked"; [ $(wc -l <"$TMPDIR/../asked") = 1 ] || sleep 4321'`,
        PROCESS_HEALTH_PERIOD_SECS: "1",
        PROCESS_HEALTH_TIMEOUT_SECS: "1",
        PROCESS_HEALTH_FAILURE_THRESHOLD: "1",
      },
    });
    const sleepers = () => run.readLeft().filter(({ command }) => command === "sleep 4321");
    await run.waitFor(() => sleepers().length > 0, "a probe that hangs");
    await run.waitFor(() => readStarts(run).length === 2, "a restart");
    await waitUntil(run, () => sleepers().length <= 1, "the end of the hung probe");
    await stopCleanly(run);
  });

  it("is refused before anything starts where the command does not exist", async () => {
    await using run = new Run({
      supervisord,
      args: sleeper,
      env: { PROCESS_HEALTH_COMMAND: "/nonexistent/probe" },
    });
    const { code } = await run.waitForEnd();
    assertEquals(
      { code, starts: readStarts(run).length },
      { code: 1, starts: 0 },
      run.describe("end"),
    );
    assert(run.read("stderr").includes("PROCESS_HEALTH_COMMAND"), run.describe("names it"));
  });

  it("leaves nothing of a probe behind that succeeds and goes on in the background", async () => {
    await using run = new Run({
      supervisord,
      args: (directory) => [`${FIXTURES}/records_start.sh`, `${directory}/starts`, "sleep", "100"],
      env: {
        PROCESS_HEALTH_COMMAND: "sh -c 'echo >> \"$TMPDIR/../probes\"; sleep 100 & exit 0'",
        PROCESS_HEALTH_PERIOD_SECS: "1",
      },
    });
    await run.waitFor(() => run.read("probes").length >= 2, "two probes");
    run.signal("SIGTERM");
    assertEquals((await run.waitForEnd()).code, 0, run.describe("exit code"));
    assertEquals(run.readLeft(), [], run.describe("left behind"));
  });
});
