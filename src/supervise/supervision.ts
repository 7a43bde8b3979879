/**
 * The loop that wires everything: observe, decide, act, wait.
 *
 * @module
 */
import type { OrderFailure } from "../policy/order_failure.ts";
import { detach } from "../log/detach.ts";
import { errorText } from "../log/error_text.ts";
import type { EngineEvent } from "../policy/engine_event.ts";
import type { Action, Observation } from "../policy/observation.ts";
import { type Outcome, reportExit } from "../policy/outcome.ts";
import {
  decide,
  type Decision,
  INITIAL_STATE,
  type Policy,
  type PolicyState,
} from "../policy/policy.ts";
import { sendSignal } from "../linux/send_signal.ts";
import type { PreparedRun } from "./prepare_run.ts";
import { assembleRun, type RunParts } from "./run_parts.ts";
import type { MemoryWatch } from "./memory_watch.ts";
import type { SuperviseOptions } from "./supervise_options.ts";
import type { SpawnedRun } from "./spawn_run.ts";

/** A missed hint costs at most this, ms; one question costs supervisord 1 ms of CPU. */
const HEARTBEAT_MS = 5_000;

/** Between questions to a supervisord that does not answer, ms; Python takes 80 to 200 to start. */
const SILENT_EVERY_MS = 1_000;
const CONNECT_EVERY_MS = 5;

/** The pause between nudges of a loop that is late, ms. */
const NUDGE_MS = { min: 2, max: 100 } as const;

export class Supervision {
  readonly #options: SuperviseOptions;
  readonly #prepared: PreparedRun;
  readonly #spawned: SpawnedRun;
  readonly #parts: RunParts;
  #policy: Policy;
  #isEngineKnown = false;
  #memory: MemoryWatch | undefined;
  #state: PolicyState = INITIAL_STATE;
  #nudgeMs: number = NUDGE_MS.min;

  constructor(options: SuperviseOptions, prepared: PreparedRun, spawned: SpawnedRun) {
    this.#options = options;
    this.#prepared = prepared;
    this.#policy = prepared.policy;
    this.#spawned = spawned;
    this.#parts = assembleRun(options, prepared, spawned);
  }

  async run(): Promise<Outcome> {
    const unsubscribe = this.#options.signals.subscribe({
      onStop: () => {
        this.#parts.outputWriters.hurry(); // supervisord, blocked by a stalled reader, would not answer.
        this.#spawned.urgent();
      },
      onForward: (signal) => this.#forward(signal),
    });
    try {
      const outcome = await this.#decideToEnd();
      await this.#parts.close();
      return this.#parts.logState.explain(outcome);
    } finally {
      unsubscribe();
      this.#memory?.close();
    }
  }

  /** Observes, decides and acts until supervisord has ended. */
  async #decideToEnd(): Promise<Outcome> {
    try {
      for (;;) {
        const observation = await this.#observe();
        const decision = decide(
          this.#policy,
          this.#state,
          observation,
          this.#parts.clock.nowMs,
        );
        decision.events?.forEach((event) => this.#tell(event));
        this.#tellStop(decision);
        this.#state = decision.state;
        for (const action of decision.actions) await this.#perform(action);
        if (decision.state.phase.kind === "done") return decision.state.phase.outcome;
        const hasStarted = decision.actions.some(({ kind }) => kind === "start");
        if (hasStarted || this.#parts.observer.enginePids.length > 0) await this.#learnEngine();
        // Its pid is not known until it is seen.
        if (hasStarted) continue;
        await this.#spawned.hints.wait(this.#spawned.wakeup, this.#findWaitMs(decision));
      }
    } catch (error) {
      // A fault of ours.
      this.#parts.evidence?.then((evidence) => evidence.close());
      this.#spawned.supervisord.kill();
      await this.#parts.close().catch((second) =>
        this.#options.log.error(`Cannot end everything: ${errorText(second)}`)
      );
      throw error;
    }
  }

  #tell(event: EngineEvent): void {
    if (event.kind === "started" || event.kind === "recovered") {
      this.#parts.diagnosis.noteStarted(event.name);
    }
    this.#options.onEvent(event);
  }

  /** That everything is being stopped, when it begins. */
  #tellStop({ state: { phase } }: Decision): void {
    if (phase.kind !== "stopping" || this.#state.phase.kind !== "supervising") return;
    const { outcome } = phase;
    const reason = outcome.kind === "stopped" ? `${outcome.by} came` : reportExit(outcome).text;
    this.#options.onEvent({ kind: "stopping", reason });
  }

  /** Loads what is known of engines once the first runs. */
  async #learnEngine(): Promise<void> {
    if (this.#isEngineKnown) return;
    this.#isEngineKnown = true;
    this.#parts.learnEngine();
    const { engineNames } = this.#prepared;
    const { configuration: { settings: { maxEngineMemory: amount } }, log } = this.#options;
    const { applyGroup, withLimits } = await import("../engines/group_policy.ts");
    this.#policy = applyGroup(this.#policy, engineNames, this.#options);
    if (amount.kind === "none") return;
    const { MemoryWatch } = await import("./memory_watch.ts");
    this.#memory = new MemoryWatch({
      ...{ amount, names: engineNames, log, onChange: this.#spawned.urgent },
      findProcesses: (name) => this.#parts.watch.findProcesses(name),
      isIdle: () => this.#parts.health.askIdle(),
    });
    this.#policy = withLimits(this.#policy, engineNames, { memory: this.#memory.limit });
  }

  async #observe(): Promise<Observation> {
    const { observer, clock } = this.#parts;
    const observation = await observer.observe(this.#state.phase, clock.nowMs);
    const memory = this.#memory?.read(observation.processes);
    return memory === undefined ? observation : { ...observation, memory };
  }

  async #perform(action: Action): Promise<void> {
    switch (action.kind) {
      case "report":
        this.#options.log[action.level](action.text, action.fields);
        return;
      case "sweep":
        detach(this.#sweep(action.name, action.run), "cleaning up", this.#options.log);
        return;
      case "start":
        this.#beginRun(action.name);
        this.#takeFailure(action.name, "start", await this.#spawn(action.name));
        return;
      case "hold": {
        if (!this.#parts.gate.close()) return;
        this.#parts.observer.noteHeld(action.name, true);
        const failure = await this.#spawn(action.name);
        if (failure === undefined) return;
        this.#options.log.debug(`cannot hold the next run of ${action.name}: ${failure.text}`);
        this.#parts.observer.noteHeld(action.name, false);
        this.#parts.gate.open();
        return;
      }
      case "release":
        this.#beginRun(action.name);
        return;
      case "stop":
        this.#parts.diagnosis.noteCondemned(action.name);
        // Nothing more is asked of an engine that drains.
        if (this.#prepared.engineNames.has(action.name)) this.#parts.health.close();
        this.#parts.outputWriters.hurry();
        // An operator may have replaced it since it was observed.
        if (!this.#parts.watch.isCurrent(action.name, action.pid)) return;
        this.#takeFailure(action.name, "stop", await this.#parts.supervisord.stop(action.name));
        return;
      case "collect":
        detach(this.#collect(action.name, action.reason), "collecting evidence", this.#options.log);
        return;
      case "kill_process":
        this.#parts.outputWriters.hurry();
        if (!this.#parts.watch.isCurrent(action.name, action.pid)) return;
        sendSignal(action.pid, "SIGKILL");
        return;
      case "shutdown":
        this.#parts.evidence?.then((evidence) => evidence.close());
        this.#parts.health.close();
        this.#parts.outputWriters.hurry();
        this.#killHeld();
        this.#parts.supervisord.shutDown();
        this.#nudgeMs = NUDGE_MS.min;
        return;
      case "kill":
        this.#parts.evidence?.then((evidence) => evidence.close());
        this.#parts.stopping.kill();
        return;
    }
  }

  /** A run that waits has nothing to drain, and its shell may not know the engine's stop signal. */
  #killHeld(): void {
    for (const { name, pid } of this.#parts.watch.leaders) {
      if (!this.#parts.observer.isHeld(name) || !this.#parts.watch.isCurrent(name, pid)) continue;
      sendSignal(pid, "SIGKILL");
    }
  }

  #beginRun(name: string): void {
    this.#parts.observer.noteStart(name);
    if (this.#prepared.engineNames.has(name)) {
      this.#parts.tail?.begin();
      this.#parts.gate.open();
    }
    this.#parts.outputWriters.calm();
  }

  async #spawn(name: string): Promise<OrderFailure | undefined> {
    this.#parts.family.expect(name);
    const failure = this.#findProblem(name) ?? await this.#parts.supervisord.start(name);
    this.#parts.family.expect(undefined);
    return failure;
  }

  /** Why the engine's command cannot be started, which supervisord may not see. */
  #findProblem(name: string): OrderFailure | undefined {
    return this.#prepared.engineNames.has(name) ? this.#prepared.findProblem() : undefined;
  }

  #takeFailure(name: string, order: string, failure: OrderFailure | undefined): void {
    if (failure === undefined) return;
    this.#options.log[failure.isMoot ? "debug" : "warn"](
      `cannot ${order} ${name}: ${failure.text}`,
    );
    if (failure.isHopeless) this.#parts.observer.noteSpawnError(name, failure.text);
  }

  /** In the background, so that a stop need not wait for a process that is slow to die. */
  async #sweep(name: string, run: number): Promise<void> {
    const beganMs = performance.now();
    let orphans = 0;
    try {
      orphans = await this.#parts.remains.clearAfter(name, () => {
        this.#parts.observer.noteSwept(name, run);
        this.#spawned.urgent();
      });
    } catch (error) {
      this.#options.log.error(
        `Cannot clean up after ${name}: ${errorText(error)}`,
      );
    }
    this.#parts.observer.noteSwept(name, run);
    this.#parts.observer.noteCleared(name, run);
    this.#spawned.urgent();
    const afterMs = performance.now() - beganMs;
    this.#options.onEvent({ kind: "swept", name, run, orphans, afterMs });
  }

  /** In the background as well: a stop of everything waits for no evidence. */
  async #collect(name: string, reason: string): Promise<void> {
    await (await this.#parts.evidence)?.collect(name, reason);
    this.#parts.observer.noteEvidenced(name);
    this.#spawned.urgent();
  }

  #forward(signal: Deno.Signal): void {
    for (const pid of this.#parts.observer.enginePids) {
      if (sendSignal(pid, signal)) {
        this.#options.log.debug(`passed ${signal} on to the engine (pid ${pid})`);
      }
    }
  }

  #findWaitMs(decision: Decision): number {
    if (decision.state.phase.kind === "stopping") return this.#nextNudgeMs();
    const { kind } = this.#parts.supervisord.status;
    if (kind === "starting") return CONNECT_EVERY_MS;
    if (kind === "silent") return SILENT_EVERY_MS;
    if (this.#parts.observer.isDeathUnnoticed) return this.#nextNudgeMs();
    this.#nudgeMs = NUDGE_MS.min;
    const dueMs = decision.wakeAtMs === undefined
      ? HEARTBEAT_MS
      : decision.wakeAtMs - this.#parts.clock.nowMs;
    return Math.min(HEARTBEAT_MS, Math.max(0, dueMs));
  }

  #nextNudgeMs(): number {
    const nudgeMs = this.#nudgeMs;
    this.#nudgeMs = Math.min(nudgeMs * 1.5, NUDGE_MS.max);
    return nudgeMs;
  }
}
