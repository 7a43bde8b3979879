/**
 * Who is told what happens in a launch: the status file, and what the settings ask for. Each is loaded
 * once supervisord has been spawned, or since it was asked for.
 *
 * @module
 */
import type { Configuration } from "../configuration/configuration.ts";
import { toAbsolute } from "../host/absolute_path.ts";
import { recognizeEngine } from "../engines/recognize.ts";
import { errorText } from "../log/error_text.ts";
import { maskArguments } from "../formats/secrets.ts";
import { lookAt, readPidNamespace } from "../linux/process_table.ts";
import type { Instance } from "../status/instance.ts";
import { renderStatus, type StatusDocument } from "../status/status_document.ts";
import { StatusFile } from "../status/status_file.ts";
import { VERSION } from "../configuration/version.ts";
import type { SpawnFacts } from "../supervise/supervise_options.ts";
import type { LaunchRun } from "./launch_run.ts";
import { Progress } from "./wait_notices.ts";

/** What is known of what was spawned; `pid` is `undefined` where nothing was yet. */
export type ReportFacts = Omit<SpawnFacts, "pid" | "address"> & {
  readonly pid: number | undefined;
};

/** The reports of one launch. */
export class Reporting {
  readonly #run: LaunchRun;
  readonly #instance: Instance;
  readonly #file: StatusFile;
  readonly #progress: Progress;

  constructor(run: LaunchRun, configuration: Configuration, spawned: ReportFacts) {
    this.#run = run;
    this.#instance = describeInstance(run, configuration, spawned);
    this.#file = new StatusFile(
      spawned.directory,
      () => this.render(),
      (error) => run.log.warn(`Cannot write the status for --status: ${errorText(error)}`),
    );
    run.follow(() => this.#file.update());
    this.#file.update();
    this.#progress = new Progress(run, spawned);
  }

  /** The status as it is now. */
  render(): StatusDocument {
    return renderStatus(this.#run.status, this.#instance, new Date());
  }

  /** Reports no more. */
  close(): void {
    this.#file.close();
    this.#progress.close();
  }
}

/** Tells whose status it is. */
export function describeInstance(
  { argv, startedAt }: LaunchRun,
  { settings }: Configuration,
  spawned: ReportFacts | undefined,
): Instance {
  const self = lookAt(Deno.pid);
  return {
    pid: Deno.pid,
    startTicks: self.kind === "present" ? self.process.startTicks : undefined,
    pidNamespace: readPidNamespace(),
    supervisordPid: spawned?.pid,
    version: VERSION,
    startedAt,
    configPath: toAbsolute(settings.configPath),
    engine: recognizeEngine(argv, settings.engine).profile.name,
    command: maskArguments(argv),
    engineNames: spawned?.engineNames ?? new Set(),
    limits: spawned?.limits ?? new Map(),
  };
}
