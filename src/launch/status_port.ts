/**
 * The port on which the status is served: bound before anything starts, so that what is wrong with it is
 * told then; who answers is loaded later.
 *
 * Permissions: `--allow-net` of `PROCESS_STATUS_HOST:PROCESS_STATUS_PORT`.
 *
 * @module
 */
import { detach } from "../log/detach.ts";
import type { Configuration, Environment } from "../configuration/configuration.ts";
import { findEngineEnvironment } from "../document/engine_environment.ts";
import { expandWithEnvironment } from "../document/section_reader.ts";
import { findAddress } from "../engines/address.ts";
import { recognizeEngine } from "../engines/recognize.ts";
import { ConfigurationError, type ConfigurationIssue } from "../formats/configuration_error.ts";
import { findPort } from "../host/net_need.ts";
import { errorText } from "../log/error_text.ts";
import { findGivenUrl } from "../configuration/health_choice.ts";
import type { SpawnFacts } from "../supervise/supervise_options.ts";
import type { LaunchRun } from "./launch_run.ts";
import type { StatusServing } from "./status_serving.ts";

/** The port of one launch. */
export class StatusPort {
  readonly #run: LaunchRun;
  readonly #configuration: Configuration;
  readonly #listener: Deno.Listener;
  #serving: StatusServing | undefined;
  #spawned: SpawnFacts | undefined;
  #isLoading = false;
  #isClosed = false;

  /**
   * Binds the port, until the launch has ended. Who connects waits until it is served.
   *
   * @throws {ConfigurationError} If the port cannot be bound, or is somebody else's.
   */
  constructor(run: LaunchRun, configuration: Configuration, env: Environment) {
    this.#run = run;
    this.#configuration = configuration;
    const clash = findClash(configuration, run.argv, env);
    if (clash !== undefined) throw new ConfigurationError([clash]);
    const { statusHost: hostname, statusPort: port } = configuration.settings;
    try {
      this.#listener = Deno.listen({ hostname, port });
    } catch (error) {
      throw new ConfigurationError([describeFailure(hostname, port, error)]);
    }
    run.closeAtEnd(() => this.#close());
    run.log.info(`the status is served at http://${renderHost(hostname)}:${port}/`);
  }

  /** Serves from now on. */
  serve(spawned?: SpawnFacts): void {
    this.#spawned = spawned;
    if (spawned !== undefined) this.#serving?.noteSpawn(spawned);
    if (this.#isLoading) return;
    this.#isLoading = true;
    detach(this.#load(), "serving the status", this.#run.log);
  }

  async #load(): Promise<void> {
    const { StatusServing } = await import("./status_serving.ts");
    if (this.#isClosed) return;
    this.#serving = new StatusServing(this.#run, this.#configuration, this.#listener);
    if (this.#spawned !== undefined) this.#serving.noteSpawn(this.#spawned);
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    if (this.#serving === undefined) this.#listener.close();
    else await this.#serving.close();
  }
}

function renderHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Addresses that stand for every one of the machine's. */
const EVERY_ADDRESS: readonly string[] = ["", "*", "0.0.0.0", "::"];

/** Whether no two can listen on the same port of them. */
function meet(a: string, b: string): boolean {
  const [one, other] = [a, b].map((host) =>
    host.replace(/^\[(.*)\]$/, "$1").replace(/^localhost$/i, "127.0.0.1")
  );
  return one === other || EVERY_ADDRESS.includes(one ?? "") || EVERY_ADDRESS.includes(other ?? "");
}

/** Who else is told to listen there, or is meant to be asked there. */
function findClash(
  configuration: Configuration,
  argv: readonly string[],
  env: Environment,
): ConfigurationIssue | undefined {
  const { settings, sections } = configuration;
  const { statusHost, statusPort } = settings;
  const clash = (other: string, fix: string): ConfigurationIssue => ({
    variable: "PROCESS_STATUS_PORT",
    value: String(statusPort),
    expected: `a port of its own`,
    hint: `${other}; ${fix}`,
  });
  const engine = recognizeEngine(argv, settings.engine);
  const address = findAddress(engine, findEngineEnvironment(configuration, env));
  if (address?.port === statusPort && meet(address.host, statusHost)) {
    return clash(
      `${engine.profile.title} listens there`,
      "choose another for one of them (PROCESS_ENGINE=none where the engine does not)",
    );
  }
  const healthUrl = findGivenUrl(settings);
  if (healthUrl !== undefined) {
    const url = new URL(healthUrl);
    if (findPort(url) === statusPort && meet(url.hostname, statusHost)) {
      return clash("PROCESS_HEALTH_URL names it", "that is to be the engine's own address");
    }
  }
  const inet = expandWithEnvironment(sections.get("inet_http_server")?.get("port") ?? "", env);
  const [, host = "", port] = /^(?:(.*):)?(\d+)$/.exec(inet.trim()) ?? [];
  if (Number(port) === statusPort && meet(host, statusHost)) {
    return clash("SUPERVISOR_INET_HTTP_SERVER_PORT names it", "choose another for one of them");
  }
  return undefined;
}

function describeFailure(host: string, port: number, error: unknown): ConfigurationIssue {
  const [variable, value] = ["PROCESS_STATUS_PORT", String(port)];
  if (error instanceof Deno.errors.AddrInUse) {
    return {
      ...{ variable, value },
      expected: `a free port of ${host}`,
      hint: "somebody else listens there; choose another",
    };
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return {
      ...{ variable, value },
      expected: "a port that this user may listen on",
      hint: "choose one from 1024 on",
    };
  }
  return {
    variable: "PROCESS_STATUS_HOST",
    value: host,
    expected: "an address of this machine",
    hint: `${errorText(error)}; 127.0.0.1 is reached from inside, 0.0.0.0 from everywhere`,
  };
}
