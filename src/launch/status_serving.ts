/**
 * Serves the status of a launch: loaded only where `PROCESS_STATUS_PORT` is set, and once there is time.
 *
 * @module
 */
import { detach } from "../log/detach.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { errorText } from "../log/error_text.ts";
import { Metrics, NO_PROBES } from "../status/metrics.ts";
import { StatusAnswers } from "../status/status_answers.ts";
import { renderStatus } from "../status/status_document.ts";
import { StatusServer } from "../status/status_server.ts";
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
  readonly #metrics = new Metrics();
  #address: SpawnFacts["address"] | undefined;
  /** supervisord's version; `""` while it is asked for. */
  #version: string | undefined;

  constructor(run: LaunchRun, configuration: Configuration, listener: Deno.Listener) {
    this.#run = run;
    this.#configuration = configuration;
    this.#instance = describeInstance(run, configuration, undefined);
    const answers = new StatusAnswers({
      render: () => renderStatus(run.status, this.#instance, new Date()),
      readMetrics: (document) =>
        this.#metrics.render(document, this.#version, run.readCounts() ?? NO_PROBES),
      readLines: configuration.settings.logEvidence ? () => run.lastLines() : undefined,
    });
    run.follow((event) => {
      answers.invalidate();
      if (event.kind === "spawned") this.#learnVersion();
    });
    detach(this.#count(), "counting events", run.log);
    this.#server = new StatusServer(
      listener,
      (path) => answers.answer(path),
      (text) => run.log.warn(`PROCESS_STATUS_PORT: ${text}`),
    );
  }

  /** Records what was spawned. */
  noteSpawn(spawned: SpawnFacts): void {
    this.#instance = describeInstance(this.#run, this.#configuration, spawned);
    this.#address = spawned.address;
    if (this.#run.status.engines.length > 0) this.#learnVersion();
  }

  /** Serves no more. */
  async close(): Promise<void> {
    if (this.#run.options.replace === true) this.#server.abandon();
    else await this.#server.close();
  }

  #learnVersion(): void {
    detach(this.#askVersion(), "asking for supervisord's version", this.#run.log);
  }

  /** Once it has spawned something: until then it starts, and everything waits for it. */
  async #askVersion(): Promise<void> {
    const address = this.#address;
    if (address === undefined || this.#version !== undefined) return;
    this.#version = "";
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

  /** Every event, those before this was loaded too. */
  async #count(): Promise<void> {
    try {
      for await (const event of this.#run) this.#metrics.note(event);
    } catch { /* The launch itself says what went wrong. */ }
  }
}
