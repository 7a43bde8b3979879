import { assert, assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { stopCleanly } from "../support/ends.ts";
import { recordingEngine } from "../support/engines.ts";
import { askEngine, findFreePort, waitUntil } from "../support/namespace.ts";
import { listLibcPaths } from "../../src/linux/libc.ts";
import { itOfFlags, itWhere } from "../support/needs.ts";
import { wallMs } from "../support/processes.ts";
import { TEST_PROGRAM } from "../support/program.ts";
import { Run } from "../support/run.ts";
import { ask } from "../support/status_client.ts";
import { readSupervisords } from "../support/supervisords.ts";

// What Deno's own exporter sends to a receiver of OTLP where OTEL_DENO=true.

const [supervisord] = readSupervisords();
if (supervisord === undefined) throw new Error("No supervisord");

interface Attribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: string;
    readonly doubleValue?: number;
  };
}

interface Span {
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
}

interface Received {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string };
      readonly spans: readonly Span[];
    }[];
  }[];
}

const read = (attributes: readonly Attribute[], name: string) => {
  const value = attributes.find(({ key }) => key === name)?.value;
  return value?.stringValue ?? value?.intValue ?? value?.doubleValue;
};

/** Deno's telemetry aborts where 2.6 is inside of an executable, whatever that does. */
const TELEMETRY_PROBLEM = TEST_PROGRAM === undefined || hasTelemetry(TEST_PROGRAM)
  ? undefined
  : "needs an executable whose Deno does not abort under OTEL_DENO=true";

function hasTelemetry(program: string): boolean {
  const { success } = new Deno.Command(program, {
    args: ["/bin/true"],
    env: {
      OTEL_DENO: "true",
      SUPERVISORD_PATH: supervisord!.path,
      SUPERVISOR_PROGRAM_AUTORESTART: "false",
    },
    stdout: "null",
    stderr: "null",
  }).outputSync();
  return success;
}

function exportTo(port: number) {
  return {
    OTEL_DENO: "true",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  };
}

describe("OTEL_DENO=true", () => {
  itWhere(TELEMETRY_PROBLEM)(
    "sends a span for each start and recovery, spans of probes, and Deno's own metrics",
    async () => {
      const spans: { readonly scope: string; readonly service: unknown; readonly span: Span }[] =
        [];
      const paths = new Set<string>();
      await using receiver = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen: () => {} },
        async (request) => {
          const received: Received = await request.json();
          paths.add(new URL(request.url).pathname);
          for (const { resource, scopeSpans } of received.resourceSpans ?? []) {
            const service = read(resource.attributes, "service.name");
            for (const { scope, spans: some } of scopeSpans) {
              spans.push(...some.map((span) => ({ scope: scope.name, service, span })));
            }
          }
          return Response.json({});
        },
      );
      const [port, enginePort] = [findFreePort(), findFreePort()];
      await using run = new Run({
        supervisord,
        args: (directory) =>
          recordingEngine(supervisord, directory, "--load-secs", "0.5").map((word) =>
            word === "0" ? String(enginePort) : word
          ),
        env: {
          ...exportTo(receiver.addr.port),
          OTEL_SERVICE_NAME: "my-model",
          OTEL_METRIC_EXPORT_INTERVAL: "500",
          OTEL_BSP_SCHEDULE_DELAY: "200",
          PROCESS_STATUS_PORT: String(port),
          PROCESS_HEALTH_URL: `http://127.0.0.1:${enginePort}/health`,
        },
      });
      const isReady = async () => (await ask(port, "/readyz")).status === 200;
      await waitUntil(run, isReady, "readiness");
      await askEngine(enginePort, "POST", "/control/signal?name=SEGV");
      await waitUntil(run, async () => !await isReady(), "the crash");
      await waitUntil(run, isReady, "readiness again");
      const { runs } = JSON.parse((await ask(port, "/status")).body);
      await stopCleanly(run);
      const ours = spans.filter(({ scope }) => scope === "standard-supervisor");
      assertEquals(ours.map(({ service, span }) => [service, span.name]), [
        ["my-model", "start"],
        ["my-model", "recovery"],
      ]);
      const { attributes, startTimeUnixNano, endTimeUnixNano } = ours[1]!.span;
      assertEquals(
        ["program", "run", "cause", "exit_code", "attempt", "orphans"].map((name) =>
          String(read(attributes, `standard_supervisor.${name}`))
        ),
        ["llm_engine:llm_engine", "1", runs[0].cause ?? "unknown", "139", "1", "0"],
      );
      // Nanoseconds since 1970 are more than a double tells apart.
      for (
        const [nanos, time] of [
          [startTimeUnixNano, runs[0].died_at],
          [endTimeUnixNano, runs[1].started_at],
        ]
      ) assert(Math.abs(Number(nanos) / 1e6 - Date.parse(time)) <= 1, `${nanos} is not ${time}`);
      assert(spans.some(({ span }) => span.name === "GET"), "no span of a probe");
      assert(paths.has("/v1/metrics"), [...paths].join());
    },
  );

  // Deno waits for 10 s for this one, and now and then indefinitely for one that answers.
  itWhere(TELEMETRY_PROBLEM)(
    "ends in time, with its code, whatever the collector does",
    async () => {
      // The kernel takes the connection, and nobody what comes.
      using receiver = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      await using run = new Run({
        supervisord,
        args: ["sh", "-c", "sleep 0.5; exit 7"],
        env: {
          ...exportTo(receiver.addr.port),
          SUPERVISOR_PROGRAM_AUTORESTART: "false",
        },
      });
      await run.waitFor(() => run.read("stderr").includes("; exit code 7"), "the last words");
      const saidMs = wallMs();
      const { code, atMs } = await run.waitForEnd();
      assertEquals(code, 7, run.describe("exit code"));
      assert(atMs - saidMs < 6_000, run.describe(`it took ${atMs - saidMs} ms`));
    },
  );

  itOfFlags("ends in time with the C library's permission alone", async () => {
    using receiver = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await using run = new Run({
      args: ["--version"],
      env: {
        ...exportTo(receiver.addr.port),
      },
      permissions: listLibcPaths(Deno.build.arch).map((path) => `--allow-ffi=${path}`),
    });
    const { code, atMs } = await run.waitForEnd();
    assertEquals(code, 0, run.describe("exit code"));
    assert(atMs - run.spawnedMs < 6_000, run.describe(`it took ${atMs - run.spawnedMs} ms`));
  });
});
