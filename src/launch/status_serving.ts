/**
 * Serves the status of a launch: loaded only where `PROCESS_STATUS_PORT` is set, and once there is time.
 *
 * @module
 */
import type { Configuration } from "../configuration/configuration.ts";
import { errorText } from "../log/error_text.ts";
import type { Metrics } from "../report/metrics.ts";
import { StatusAnswers } from "../report/status_answers.ts";
import { renderStatus, type StatusDocument } from "../report/status_document.ts";
import { StatusServer } from "../report/status_server.ts";
import { RpcClient } from "../supervisord/rpc_client.ts";
import type { SpawnFacts } from "../supervise/supervise_options.ts";
import type { LaunchRun } from "./launch_run.ts";
import { describeInstance } from "./reporting.ts";

/** How long supervisord may take to tell its version, ms; it is not asked twice. */
const VERSION_MS = 10_000;

/** The status port at work. */
export class StatusServing {
  readonly #run: LaunchRun;
  readonly #configuration: Configuration;
  readonly #server: StatusServer;
  #instance: ReturnType<typeof describeInstance>;
  #metrics: Promise<Metrics> | undefined;
  #address: SpawnFacts["address"] | undefined;
  #version: string | undefined;

  /**
   * @param run The launch.
   * @param configuration What the environment asks for.
   * @param listener Where to serve.
   */
  constructor(run: LaunchRun, configuration: Configuration, listener: Deno.Listener) {
    this.#run = run;
    this.#configuration = configuration;
    this.#instance = describeInstance(run, configuration, undefined);
    const answers = new StatusAnswers({
      render: () => renderStatus(run.status, this.#instance, new Date()),
      readMetrics: (document) => this.#readMetrics(document),
    });
    run.follow((event) => {
      answers.invalidate();
      // supervisord has spawned it, and now it loads: nothing is waiting for us.
      if (event.kind === "spawned") this.#prepare();
    });
    this.#server = new StatusServer(
      listener,
      (path) => answers.answer(path),
      (text) => run.log.warn(`PROCESS_STATUS_PORT: ${text}`),
    );
  }

  /** Takes note of what was spawned. */
  noteSpawn(spawned: SpawnFacts): void {
    this.#instance = describeInstance(this.#run, this.#configuration, spawned);
    this.#address = spawned.address;
    if (this.#run.status.engines.length > 0) this.#prepare();
  }

  /** Serves no more. */
  close(): void {
    this.#server.close();
  }

  #prepare(): void {
    if (this.#metrics !== undefined) return;
    this.#loadMetrics().catch(() => {}); // Who asks for them hears of it.
    if (this.#address !== undefined) this.#askVersion(this.#address);
  }

  async #askVersion(address: SpawnFacts["address"]): Promise<void> {
    const client = new RpcClient(address);
    try {
      const version = await client.call("supervisor.getSupervisorVersion", [], VERSION_MS);
      if (typeof version === "string") this.#version = version;
    } catch (error) {
      this.#run.log.debug(`supervisord's version is not known: ${errorText(error)}`);
    } finally {
      client.close();
    }
  }

  #loadMetrics(): Promise<Metrics> {
    return this.#metrics ??= import("../report/metrics.ts").then(({ Metrics }) => {
      const metrics = new Metrics();
      this.#count(metrics);
      return metrics;
    });
  }

  /** Every event, those before this was loaded too. */
  async #count(metrics: Metrics): Promise<void> {
    try {
      for await (const event of this.#run) metrics.note(event);
    } catch { /* The launch itself says what went wrong. */ }
  }

  async #readMetrics(document: StatusDocument): Promise<string> {
    const metrics = await this.#loadMetrics();
    return await metrics.render(document, this.#version);
  }
}
