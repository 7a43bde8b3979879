/**
 * Everybody who follows a launch: the status file, the status port, a command for each event, traces. Each
 * is loaded once supervisord has been spawned, or since it was asked for.
 *
 * @module
 */
import type { Configuration, Environment } from "../configuration/configuration.ts";
import { detach } from "../log/detach.ts";
import type { SpawnFacts } from "../supervise/supervise_options.ts";
import type { LaunchRun } from "./launch_run.ts";
import type { Reporting } from "./reporting.ts";
import type { StatusPort } from "./status_port.ts";

/**
 * Adds to a launch whoever is asked for before anything starts.
 *
 * @throws {ConfigurationError} If the status port cannot be bound, or is somebody else's.
 */
export async function addFollowers(
  run: LaunchRun,
  configuration: Configuration,
  env: Environment,
): Promise<Followers> {
  const { onEvent, statusPort } = configuration.settings;
  if (onEvent.length > 0) await runOnEvents(run, configuration, env);
  const port = statusPort === 0 ? undefined : await openStatusPort(run, configuration, env);
  return new Followers(run, configuration, env, port);
}

/** Nothing of ours is left to run a command where the engine replaces this process. */
async function runOnEvents(
  run: LaunchRun,
  { settings: { onEvent: argv, autoRecovery } }: Configuration,
  env: Environment,
): Promise<void> {
  const { log, ownChildren } = run;
  if (!autoRecovery && run.options.replace) {
    return log.warn("PROCESS_ON_EVENT has no effect: the engine replaces standard-supervisor");
  }
  const { EventCommand } = await import("../events/event_command.ts");
  const inheritsEnv = run.options.env === undefined;
  const command = new EventCommand({ argv, env, inheritsEnv, ownChildren, log });
  run.follow((event) => command.take(event));
  run.closeAtEnd(() => command.close());
}

async function openStatusPort(
  run: LaunchRun,
  configuration: Configuration,
  env: Environment,
): Promise<StatusPort | undefined> {
  if (!configuration.settings.autoRecovery) {
    run.log.warn("PROCESS_STATUS_PORT has no effect: a direct launch has nobody to serve it");
    return undefined;
  }
  const { StatusPort } = await import("./status_port.ts");
  return new StatusPort(run, configuration, env);
}

/** What fails without harm to the engine. */
const REPORTING = "reporting what happens";

/** The followers of one launch. */
export class Followers {
  readonly #run: LaunchRun;
  readonly #configuration: Configuration;
  readonly #env: Environment;
  readonly #port: StatusPort | undefined;
  #reporting: Reporting | undefined;
  #isOver = false;

  constructor(
    run: LaunchRun,
    configuration: Configuration,
    env: Environment,
    port: StatusPort | undefined,
  ) {
    this.#run = run;
    this.#configuration = configuration;
    this.#env = env;
    this.#port = port;
  }

  /** Tells that something is being installed; its report is loaded meanwhile. */
  noteInstallation(): () => void {
    this.#run.tell({ kind: "installing" });
    this.#port?.serve();
    let end: (() => void) | undefined = () => {};
    detach(
      import("./install_report.ts").then(({ reportInstallation }) => {
        if (end !== undefined) end = reportInstallation(this.#run, this.#configuration, this.#env);
      }),
      REPORTING,
      this.#run.log,
    );
    return () => {
      end?.();
      end = undefined;
    };
  }

  /** Tells that supervisord has been spawned; reports are loaded while Python starts. */
  noteSpawn(spawned: SpawnFacts): void {
    const run = this.#run;
    run.noteSpawn(spawned.pid);
    this.#port?.serve(spawned);
    if (this.#env.OTEL_DENO === "true") {
      detach(import("../events/traces.ts").then(({ trace }) => trace(run)), REPORTING, run.log);
    }
    detach(
      import("./reporting.ts").then(({ Reporting }) => {
        if (!this.#isOver) this.#reporting = new Reporting(run, this.#configuration, spawned);
      }),
      REPORTING,
      run.log,
    );
  }

  /** Writes no more into the run directory, which is about to go. */
  close(): void {
    this.#isOver = true;
    this.#reporting?.close();
  }
}
