/**
 * The loop that wires everything: observe, decide, act, wait.
 *
 * @module
 */
import type { Configuration, Environment } from "../configuration/configuration.ts";
import { ConfigurationError } from "../formats/configuration_error.ts";
import { ProcessWatch } from "../processes/process_watch.ts";
import { Hints } from "./hints.ts";
import type { Logger } from "../log/logger.ts";
import { Remains } from "../processes/remains.ts";
import { Family } from "../processes/family.ts";
import { LimitMarks } from "../processes/limit_mark.ts";
import type { HealthMonitor } from "../health/health.ts";
import { Journal } from "../supervisord/journal.ts";
import { openLibc } from "../host/libc.ts";
import { describeBlindness } from "../processes/blindness.ts";
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
import { createHealthMonitor } from "../health/probes.ts";
import { adoptOrphans, Reaper } from "../processes/reaper.ts";
import type { SignalSource } from "../host/signals.ts";
import { type OrderFailure, SupervisordProcess } from "../supervisord/supervisord_process.ts";
import { RunClock } from "./run_clock.ts";
import { Wakeup } from "./wakeup.ts";
import { errorText } from "../log/error_text.ts";
import { Stopping } from "./stopping.ts";
import { findSupervisord, withTemporaryDirectory } from "../supervisord/find_supervisord.ts";
import { sendSignal } from "../processes/send_signal.ts";

/** What a supervised run needs. */
export interface SuperviseOptions {
  /** What the environment asks for. */
  readonly configuration: Configuration;
  /** The command and its arguments. */
  readonly argv: readonly string[];
  /** The environment to read; the engine gets it on top of this process's own. */
  readonly env: Environment;
  /** Signals to act on. */
  readonly signals: SignalSource;
  /** Takes what is to be said. */
  readonly log: Logger;
}

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
  const found = findSupervisord(configuration.settings.supervisordPath, argv, env);
  if ("failure" in found) return { kind: "supervisord_failed", reason: found.failure };
  let prepared: PreparedRun;
  try {
    prepared = prepareRun(configuration, argv, env, log);
  } catch (error) {
    // A full disk, or no directory that can be written.
    if (error instanceof ConfigurationError || !(error instanceof Error)) throw error;
    return { kind: "supervisord_failed", reason: error.message };
  }
  try {
    const [signal] = signals.stopSignals;
    if (signal !== undefined) return { kind: "stopped", by: signal };
    const command = prepared.lacksTemporary
      ? withTemporaryDirectory(found.command, prepared.directory.path, env)
      : found.command;
    return await startSupervision(options, prepared, command ?? found.command);
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
  readonly #wakeup = new Wakeup();
  readonly #hints = new Hints();
  readonly #clock = new RunClock();
  readonly #journal: Journal;
  readonly #supervisord: SupervisordProcess;
  readonly #lifeline: Lifeline | undefined;
  readonly #pipes: HeldPipes | undefined;
  readonly #reaper: Reaper | undefined;
  readonly #watch: ProcessWatch;
  readonly #family: Family;
  readonly #remains: Remains;
  readonly #stopping: Stopping;
  readonly #health: HealthMonitor | undefined;
  readonly #observer: Observer;
  #state: PolicyState = INITIAL_STATE;
  #nudgeMs: number = NUDGE_MS.min;

  constructor(
    { configuration: { settings }, env, signals, log }: SuperviseOptions,
    prepared: PreparedRun,
    command: readonly [string, ...string[]],
  ) {
    this.#log = log;
    this.#signals = signals;
    this.#policy = prepared.policy;
    this.#journal = new Journal(log);
    const onChange = () => this.#hints.urgent(this.#wakeup);
    this.#supervisord = new SupervisordProcess({
      command,
      configPath: prepared.directory.config,
      env: prepared.env,
      address: prepared.address,
      sharesOwn: prepared.output.sharesOwn,
      changesUser: prepared.changesUser,
      onWords: (line) => this.#journal.takeWords(line),
      log: prepared.log,
      onLog: (lines) => {
        this.#journal.take(lines);
        this.#hints.hint(this.#wakeup);
      },
      onDoubt: (silentSecs) =>
        log.warn(
          `supervisord has not answered for ${silentSecs} s, and /proc does not tell whether it hangs ` +
            "or waits for the reader of its output: waiting on (--cap-add=SYS_PTRACE shows it)",
        ),
      onEnd: onChange,
    });
    const { pid } = this.#supervisord;
    log.debug(`supervisord spawned (pid ${pid})`, { pid });
    const libc = openLibc();
    const marks = new LimitMarks(libc);
    marks.begin(pid);
    this.#lifeline = holdLifeline(pid, prepared.marker, marks, prepared.directory.path);
    if (this.#lifeline === undefined && Deno.pid !== 1) {
      log.warn("Cannot run /bin/sh: were this process killed, the engine would run on");
    }
    const ownChildren = new Set([Deno.pid, pid]);
    if (this.#lifeline !== undefined) ownChildren.add(this.#lifeline.pid);
    this.#pipes = prepared.output.pipes;
    if (this.#pipes !== undefined) ownChildren.add(this.#pipes.pid);
    const adopts = adoptOrphans(libc);
    this.#reaper = adopts && libc !== undefined ? new Reaper(libc, ownChildren) : undefined;
    this.#family = new Family({
      supervisord: pid,
      marker: prepared.marker,
      marks,
      adopts,
      spared: ownChildren,
    });
    const blindness = describeBlindness();
    if (blindness !== undefined) log.warn(blindness);
    this.#watch = new ProcessWatch({
      libc,
      family: this.#family,
      sessionId: pid, // It was spawned as the leader of one.
      // supervisord restarts the others itself: woken for each death, it would never pause.
      onDeath: (isEngine) => isEngine ? onChange() : this.#hints.hint(this.#wakeup),
    });
    this.#family.watch();
    this.#remains = new Remains({
      programs: this.#watch,
      gpuTimeoutMs: settings.gpuReleaseTimeoutSecs * 1000,
      reap: () => this.#reaper?.reap(),
      log,
    });
    this.#stopping = new Stopping({
      orders: prepared.stopOrders,
      programs: this.#watch,
      supervisord: this.#supervisord,
      hasTold: () => this.#journal.hasTold,
      log,
    });
    const lostMs = () => this.#clock.lostMs;
    this.#health = createHealthMonitor(settings, env, ownChildren, onChange, log, lostMs);
    this.#observer = new Observer({
      supervisord: this.#supervisord,
      journal: this.#journal,
      processes: this.#watch,
      health: this.#health,
      stopping: this.#stopping,
      engineNames: prepared.engineNames,
      programs: prepared.policy.programs,
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
        const observation = await this.#observer.observe(this.#state.phase, this.#clock.nowMs);
        const decision = decide(this.#policy, this.#state, observation, this.#clock.nowMs);
        this.#state = decision.state;
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
        this.#family.expect(action.name);
        this.#takeFailure(action.name, "start", await this.#supervisord.start(action.name));
        this.#family.expect(undefined);
        return;
      case "stop":
        this.#takeFailure(action.name, "stop", await this.#supervisord.stop(action.name));
        return;
      case "kill_process": {
        const leader = this.#watch.leaders.find(({ name }) => name === action.name);
        if (leader !== undefined) sendSignal(leader.pid, "SIGKILL");
        return;
      }
      case "shutdown":
        this.#health?.close();
        this.#supervisord.shutDown();
        this.#nudgeMs = NUDGE_MS.min;
        return;
      case "kill":
        this.#stopping.kill();
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
      await this.#remains.clearAfter(name, this.#journal.lastPid(shortName));
    } catch (error) {
      this.#log.error(
        `Cannot clean up after ${name}: ${errorText(error)}`,
      );
    }
    this.#observer.noteSwept(name);
    this.#hints.urgent(this.#wakeup);
  }

  #forward(signal: Deno.Signal): void {
    for (const pid of this.#observer.enginePids) {
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
      : decision.wakeAtMs - this.#clock.nowMs;
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
    this.#family.close();
    this.#clock.close();
    await this.#remains.clearAll();
    await this.#supervisord.close();
    await this.#pipes?.release();
    await this.#lifeline?.release();
    this.#reaper?.close();
  }
}
