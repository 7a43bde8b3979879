/**
 * The loop that wires everything: observe, decide, act, wait.
 *
 * @module
 */
import { ConfigurationError } from "../formats/configuration_error.ts";
import { ProcessWatch } from "../processes/process_watch.ts";
import { Hints } from "./hints.ts";
import type { Logger } from "../log/logger.ts";
import { Cleaner } from "../processes/cleaner.ts";
import type { HealthMonitor } from "../health/health.ts";
import { Journal } from "../supervisord/journal.ts";
import { openLibc } from "../host/libc.ts";
import { holdLifeline, type Lifeline } from "../processes/lifeline.ts";
import { Observer } from "./observer.ts";
import type { Outcome } from "../policy/outcome.ts";
import type { Action } from "../policy/observation.ts";
import {
  decide,
  type Decision,
  INITIAL_STATE,
  type Policy,
  type PolicyState,
} from "../policy/policy.ts";
import { type PreparedRun, prepareRun } from "./prepare_run.ts";
import type { HeldPipes } from "../supervisord/output.ts";
import type { EngineEvent } from "../policy/engine_event.ts";
import { createHealthMonitor } from "../health/probes.ts";
import { adoptOrphans, type Reaper } from "../processes/reaper.ts";
import type { SignalSource } from "../host/signals.ts";
import { type OrderFailure, SupervisordProcess } from "../supervisord/supervisord_process.ts";
import { sendSignal } from "../processes/sweep.ts";
import { Wakeup } from "./wakeup.ts";
import { errorText } from "../log/error_text.ts";
import type { SuperviseOptions } from "./supervise_options.ts";
import { StopRelief } from "./stop_relief.ts";
import { findSupervisord } from "../supervisord/find_supervisord.ts";

/** A missed hint costs at most this, ms. One question costs supervisord about 1 ms of CPU. */
const HEARTBEAT_MS = 5_000;

/** Between questions to a supervisord that does not answer, ms. */
const SILENT_EVERY_MS = 1_000;

/** Between attempts to reach a supervisord that has just been spawned, ms; Python takes 80–200. */
const CONNECT_EVERY_MS = 5;

/** The shortest and longest pause between nudges of a loop that is late, ms. */
const NUDGE_MS = { min: 2, max: 100 } as const;

/**
 * Runs a command under supervisord until it is over.
 *
 * @param options What it needs.
 * @returns How it ended.
 * @throws {ConfigurationError} If the configuration cannot be written where the user wants it.
 */
export async function supervise(options: SuperviseOptions): Promise<Outcome> {
  const { configuration, argv, env, signals, log } = options;
  const found = findSupervisord(configuration.settings.supervisordPath, env);
  if ("failure" in found) return { kind: "supervisord_failed", reason: found.failure };
  let prepared: PreparedRun;
  try {
    prepared = prepareRun(configuration, argv, env, options.output, options.readsStdin, log);
  } catch (error) {
    // A full disk, or no directory that can be written.
    if (error instanceof ConfigurationError || !(error instanceof Error)) throw error;
    return { kind: "supervisord_failed", reason: error.message };
  }
  try {
    const [signal] = signals.stopSignals;
    if (signal !== undefined) return { kind: "stopped", by: signal };
    return await startSupervision(options, prepared, found.command);
  } finally {
    prepared.remove();
  }
}

async function startSupervision(
  options: SuperviseOptions,
  prepared: PreparedRun,
  command: readonly [string, ...string[]],
): Promise<Outcome> {
  let supervision: Supervision;
  try {
    supervision = new Supervision(options, prepared, command);
  } catch (error) {
    const reason = errorText(error);
    return { kind: "supervisord_failed", reason: `it cannot be spawned: ${reason}` };
  }
  return await supervision.run();
}

class Supervision {
  readonly #log: Logger;
  readonly #signals: SignalSource;
  readonly #policy: Policy;
  readonly #onEvent: (event: EngineEvent) => void;
  readonly #findProblem: () => OrderFailure | undefined;
  readonly #wakeup = new Wakeup();
  readonly #hints = new Hints();
  readonly #journal: Journal;
  readonly #supervisord: SupervisordProcess;
  readonly #lifeline: Lifeline | undefined;
  readonly #pipes: HeldPipes | undefined;
  readonly #reaper: Reaper | undefined;
  readonly #watch: ProcessWatch;
  readonly #cleaner: Cleaner;
  readonly #health: HealthMonitor | undefined;
  readonly #observer: Observer;
  #state: PolicyState = INITIAL_STATE;
  #nudgeMs: number = NUDGE_MS.min;

  constructor(
    options: SuperviseOptions,
    prepared: PreparedRun,
    command: readonly [string, ...string[]],
  ) {
    const { configuration: { settings }, env, signals, log } = options;
    const libc = openLibc();
    this.#log = log;
    this.#signals = signals;
    this.#policy = prepared.policy;
    this.#onEvent = options.onEvent;
    this.#findProblem = prepared.findProblem;
    this.#journal = new Journal(log);
    const onChange = () => this.#hints.urgent(this.#wakeup);
    this.#supervisord = new SupervisordProcess({
      command,
      configPath: prepared.directory.config,
      env: prepared.env,
      inheritsEnv: options.inheritsEnv,
      address: prepared.address,
      sharesOwn: prepared.output.sharesOwn,
      output: options.output,
      libc,
      changesUser: prepared.changesUser,
      onWords: (line) => this.#journal.takeWords(line),
      log: prepared.log,
      onLog: (lines) => {
        this.#journal.take(lines);
        this.#hints.hint(this.#wakeup);
      },
      onEnd: onChange,
    });
    const { pid } = this.#supervisord;
    log.debug(`supervisord spawned (pid ${pid})`, { pid });
    options.onSpawn(pid);
    this.#lifeline = holdLifeline(pid, prepared.instanceMarker, prepared.directory.path);
    if (this.#lifeline === undefined && Deno.pid !== 1) {
      log.warn("Cannot run /bin/sh: were this process killed, the engine would run on");
    }
    const ownChildren = new Set([Deno.pid, pid]);
    if (this.#lifeline !== undefined) ownChildren.add(this.#lifeline.pid);
    this.#pipes = prepared.output.pipes;
    if (this.#pipes !== undefined) ownChildren.add(this.#pipes.pid);
    this.#reaper = options.adoption === "none"
      ? undefined
      : adoptOrphans(libc, ownChildren, options.adoption === "all" ? undefined : pid, log);
    this.#watch = new ProcessWatch({
      libc,
      instanceMarker: prepared.instanceMarker,
      sessionId: pid, // It was spawned as the leader of one.
      // Where others have children too, a new one without a legible environment proves nothing.
      adopter: options.adoption === "all" ? Deno.pid : undefined,
      spared: ownChildren,
      // supervisord restarts the others itself: woken for each death, it would never pause.
      onDeath: (isEngine) => isEngine ? onChange() : this.#hints.hint(this.#wakeup),
    });
    this.#watch.remember();
    this.#cleaner = new Cleaner(this.#watch, settings.gpuReleaseTimeoutSecs * 1000, log);
    this.#health = createHealthMonitor(settings, env, ownChildren, onChange, log);
    this.#observer = new Observer({
      supervisord: this.#supervisord,
      journal: this.#journal,
      processes: this.#watch,
      health: this.#health,
      relief: new StopRelief(prepared.stopOrders, log),
      engineNames: prepared.engineNames,
      criticalNames: prepared.criticalNames,
      stopSignals: signals.stopSignals,
    });
  }

  async run(): Promise<Outcome> {
    const unsubscribe = this.#signals.subscribe({
      onStop: () => this.#hints.urgent(this.#wakeup),
      onForward: (signal) => this.#forward(signal),
    });
    try {
      for (;;) {
        const observation = await this.#observer.observe(this.#state.phase);
        const decision = decide(this.#policy, this.#state, observation, performance.now());
        this.#state = decision.state;
        decision.events?.forEach(this.#onEvent);
        for (const action of decision.actions) await this.#perform(action);
        if (decision.state.phase.kind === "done") {
          await this.#cleanUp();
          return this.#journal.explain(decision.state.phase.outcome);
        }
        // What was started is to be seen at once: until then its pid is not known.
        if (decision.actions.some(({ kind }) => kind === "start")) continue;
        await this.#hints.wait(this.#wakeup, this.#findWaitMs(decision));
      }
    } finally {
      unsubscribe();
    }
  }

  async #perform(action: Action): Promise<void> {
    switch (action.kind) {
      case "report":
        this.#log[action.level](action.text);
        return;
      case "sweep":
        this.#sweep(action.name);
        return;
      case "start":
        this.#observer.noteStart(action.name);
        this.#takeFailure(
          action.name,
          "start",
          this.#findProblem() ?? await this.#supervisord.start(action.name),
        );
        return;
      case "stop":
        this.#takeFailure(action.name, "stop", await this.#supervisord.stop(action.name));
        return;
      case "shutdown":
        this.#supervisord.shutDown();
        this.#nudgeMs = NUDGE_MS.min;
        return;
      case "kill":
        this.#supervisord.kill();
        return;
    }
  }

  #takeFailure(name: string, order: string, failure: OrderFailure | undefined): void {
    if (failure === undefined) return;
    this.#log.warn(`Cannot ${order} ${name}: ${failure.text}`);
    if (failure.isHopeless) this.#observer.noteSpawnError(name, failure.text);
  }

  /** In the background, so that a stop need not wait for a process that is slow to die. */
  async #sweep(name: string): Promise<void> {
    const shortName = name.slice(name.indexOf(":") + 1);
    try {
      await this.#cleaner.cleanAfter(name, this.#journal.lastPid(shortName));
    } catch (error) {
      this.#log.error(
        `Cannot clean up after ${name}: ${errorText(error)}`,
      );
    }
    this.#observer.noteSwept(name);
    this.#hints.urgent(this.#wakeup);
  }

  #forward(signal: Deno.Signal): void {
    for (const pid of this.#watch.enginePids) {
      if (sendSignal(pid, signal)) {
        this.#log.debug(`passed ${signal} on to the engine (pid ${pid})`);
      }
    }
  }

  #findWaitMs(decision: Decision): number {
    if (decision.state.phase.kind === "stopping") return this.#nextNudgeMs();
    const { kind } = this.#supervisord.status;
    if (kind === "starting") return CONNECT_EVERY_MS;
    if (kind === "silent") return SILENT_EVERY_MS;
    if (this.#observer.isDeathUnnoticed) return this.#nextNudgeMs();
    this.#nudgeMs = NUDGE_MS.min;
    const dueMs = decision.wakeAtMs === undefined
      ? HEARTBEAT_MS
      : decision.wakeAtMs - performance.now();
    return Math.min(HEARTBEAT_MS, Math.max(0, dueMs));
  }

  #nextNudgeMs(): number {
    const nudgeMs = this.#nudgeMs;
    this.#nudgeMs = Math.min(nudgeMs * 1.5, NUDGE_MS.max);
    return nudgeMs;
  }

  /** supervisord has ended; nothing of ours may outlive it. */
  async #cleanUp(): Promise<void> {
    this.#health?.close();
    await this.#cleaner.cleanAll();
    await this.#supervisord.close();
    await this.#pipes?.release();
    await this.#lifeline?.release();
    this.#reaper?.close();
  }
}
