import { assertEquals } from "@std/assert";
import { describe } from "@std/testing/bdd";
import { findOnPath } from "../support/chromium.ts";
import { stopCleanly } from "../support/ends.ts";
import { recordingEngine, waitForEvent } from "../support/engines.ts";
import { askEngine, findFreePort, waitUntil } from "../support/namespace.ts";
import { itUnless } from "../support/needs.ts";
import { pause } from "../support/processes.ts";
import { Run } from "../support/run.ts";
import { ask } from "../support/status_client.ts";
import { readSupervisords } from "../support/supervisords.ts";

// What a real Prometheus makes of /metrics. LONG_TESTS=1: for a whole minute.

const [supervisord] = readSupervisords();
if (supervisord === undefined) throw new Error("No supervisord");

const SCRAPED_SECS = Deno.env.get("LONG_TESTS") === undefined ? 12 : 60;

const [prometheus, promtool] = ["prometheus", "promtool"].map((name) => findOnPath([name]));

/** A Prometheus of its own that scrapes one port each second. Dispose of it: that ends it. */
class Prometheus implements AsyncDisposable {
  readonly #directory = Deno.makeTempDirSync({ prefix: "prometheus-test-" });
  readonly #port = findFreePort();
  readonly #child: Deno.ChildProcess;

  constructor(port: number) {
    Deno.writeTextFileSync(
      `${this.#directory}/prometheus.yml`,
      `global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: engine\n  static_configs:\n  - targets: ["127.0.0.1:${port}"]\n`,
    );
    this.#child = new Deno.Command(prometheus ?? "prometheus", {
      args: [
        `--config.file=${this.#directory}/prometheus.yml`,
        `--storage.tsdb.path=${this.#directory}/data`,
        `--web.listen-address=127.0.0.1:${this.#port}`,
      ],
      ...{ stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
  }

  /** @returns Every series that a query yields, its labels joined, with its value; none while it starts. */
  async query(query: string): Promise<[string, number][]> {
    const path = `/api/v1/query?query=${encodeURIComponent(query)}`;
    const { status, headers, body } = await ask(this.#port, path);
    if (status !== 200) return [];
    const text = headers.get("transfer-encoding") === "chunked"
      ? body.replaceAll(/(?:^|\r\n)[0-9a-f]+\r\n/g, "")
      : body;
    const { data: { result } } = JSON.parse(text) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return result.map(({ metric, value }) => [
      ["program", "cause", "version"].flatMap((name) => metric[name] ?? []).join(" "),
      Number(value[1]),
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    Deno.removeSync(this.#directory, { recursive: true });
  }
}

const program = "llm_engine:llm_engine";
const name = (metric: string) => `standard_supervisor_${metric}`;

describe("/metrics", () => {
  const itWithPrometheus = itUnless(
    prometheus === undefined || promtool === undefined
      ? "needs prometheus and promtool on PATH"
      : undefined,
  );

  itWithPrometheus("tells a real Prometheus of two crashes and their cause", async () => {
    const [port, enginePort] = [findFreePort(), findFreePort()];
    await using run = new Run({
      supervisord,
      args: (directory) =>
        recordingEngine(supervisord, directory, "--workers", "1").map((word) =>
          word === "0" ? String(enginePort) : word
        ),
      env: { PROCESS_STATUS_PORT: String(port) },
    });
    await using server = new Prometheus(port);
    const beganMs = performance.now();
    await waitUntil(
      run,
      async () => (await server.query(`${name("engine_ready")} == 1`)).length === 1,
      "a first scrape of an engine that serves",
    );
    for (const crash of [1, 2]) {
      await pause(SCRAPED_SECS * 1_000 / 4);
      await askEngine(enginePort, "POST", "/control/signal?name=SEGV");
      await waitForEvent(run, "loaded", crash + 1);
      await waitUntil(
        run,
        async () => (await ask(port, "/readyz")).status === 200,
        "it serves again",
      );
    }
    const { runs } = JSON.parse((await ask(port, "/status")).body);
    const cause = runs[0].cause ?? "unknown";
    await waitUntil(
      run,
      async () => {
        const restarts = await server.query(`${name("restarts_total")} > 0`);
        return JSON.stringify(restarts) === JSON.stringify([[`${program} ${cause}`, 2]]);
      },
      `two restarts because of ${cause}`,
    );
    await pause(Math.max(0, SCRAPED_SECS * 1_000 - (performance.now() - beganMs)));
    const increased = await server.query(`increase(${name("restarts_total")}[2m]) > 0`);
    assertEquals(increased.map(([labels]) => labels), [`${program} ${cause}`]);
    const rows: [string, string, (value: number) => boolean][] = [
      [`changes(${name("run_start_time_seconds")}[2m])`, program, (value) => value === 2],
      [name("recovery_budget_remaining"), program, (value) => value === 1],
      [name("last_exit_code"), program, (value) => value === 139],
      [name("orphans_swept_total"), "", (value) => value === 2],
      [name("up"), "", (value) => value === 1],
      [`${name("recovery_duration_seconds_count")}`, program, (value) => value === 2],
      [
        `histogram_quantile(0.9, ${name("time_to_ready_seconds_bucket")})`,
        program,
        (value) => value > 0 && value < 60,
      ],
      ["up", "", (value) => value === 1],
    ];
    for (const [query, labels, isRight] of rows) {
      // What was scraped last may be a second old, or more on a busy machine.
      await waitUntil(run, async () => {
        const [series, ...more] = await server.query(query);
        return series?.[0] === labels && more.length === 0 && isRight(series[1]);
      }, `${query}, of ${labels}`);
    }
    const check = new Deno.Command(promtool ?? "promtool", {
      args: ["check", "metrics"],
      ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
    }).spawn();
    const writer = check.stdin.getWriter();
    await writer.write(new TextEncoder().encode((await ask(port, "/metrics")).body));
    await writer.close();
    const { success, stdout, stderr } = await check.output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assertEquals([success, said], [true, ""]);
    await stopCleanly(run);
  });
});
