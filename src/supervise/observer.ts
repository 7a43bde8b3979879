/**
 * Puts together what the policy is told: supervisord's answers, its log, probes, sweeps, signals.
 *
 * @module
 */
import type { EnginePolicy } from "../policy/engine_state.ts";
import type { Exit } from "../formats/exit.ts";
import { OomWatch } from "../host/cgroup.ts";
import { findDaemons } from "../processes/daemon.ts";
import type { ProcessWatch } from "../processes/process_watch.ts";
import type { HealthMonitor } from "../health/health.ts";
import type { Journal } from "../supervisord/journal.ts";
import type { Observation, ProcessObservation } from "../policy/observation.ts";
import type { Phase } from "../policy/policy.ts";
import type { SupervisordProcess } from "../supervisord/supervisord_process.ts";
import type { StopRelief } from "./stop_relief.ts";
import { type ProcessInfo, toProcessStatus } from "../supervisord/process_info.ts";

/** The least time between two looks at what the engine has started, ms: each reads all of /proc. */
const REMEMBER_MS = 1_000;

/** Where observations come from. */
export interface ObserverOptions {
  /** supervisord itself. */
  readonly supervisord: SupervisordProcess;
  /** What its log told. */
  readonly journal: Journal;
  /** The processes that run. */
  readonly processes: ProcessWatch;
  /** The probe, where there is one. */
  readonly health: HealthMonitor | undefined;
  /** Stops processes where supervisord cannot. */
  readonly relief: StopRelief;
  /** The engine's processes, `group:process` each. */
  readonly engineNames: ReadonlySet<string>;
  /** Every process whose restarts are the policy's: the engine's, and critical programs'. */
  readonly programs: ReadonlyMap<string, EnginePolicy>;
  /** `NAME=value`, in the environment of everything this instance starts. */
  readonly instanceMarker: string;
  /** The signals that asked for a stop so far; grows. */
  readonly stopSignals: readonly string[];
}

/** Observes one run. */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #swept = new Set<string>();
  readonly #spawnErrors = new Map<string, string>();
  readonly #oom = new OomWatch();
  readonly #daemonized = new Map<string, readonly number[]>();
  #processes: readonly ProcessObservation[] = [];
  #lastRememberMs = 0;

  /** @param options Where observations come from. */
  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** Whether a managed process is dead and supervisord has not noticed yet. */
  get isDeathUnnoticed(): boolean {
    return this.#processes.some(({ name, status }) =>
      this.#options.programs.has(name) && status.kind === "alive" &&
      this.#options.processes.isDead(name)
    );
  }

  /** The pids of the engine's own processes, where it runs. */
  get enginePids(): number[] {
    return this.#processes.flatMap(({ isEngine, status }) =>
      isEngine && status.kind === "alive" ? [status.pid] : []
    );
  }

  /** Takes note that a process is being started, so that what was swept before counts no more. */
  noteStart(name: string): void {
    this.#swept.delete(name);
  }

  /** Takes note that what a dead process left behind is gone. */
  noteSwept(name: string): void {
    this.#swept.add(name);
  }

  /**
   * Takes note that a process could not be spawned again: supervisord leaves it as it was, EXITED with
   * its last exit.
   */
  noteSpawnError(name: string, text: string): void {
    this.#spawnErrors.set(name, text);
  }

  /**
   * Looks at everything. Asks supervisord, unless it is ending and would only answer with a fault; then
   * its loop is merely woken.
   *
   * @param phase Where the container stands.
   * @returns What is so.
   */
  async observe(phase: Phase): Promise<Observation> {
    const { supervisord, stopSignals } = this.#options;
    if (supervisord.status.kind !== "ended") {
      if (phase.kind === "stopping") {
        await this.#wakeWhileStopping();
      } else {
        const infos = await supervisord.readProcesses();
        if (infos !== undefined) this.#take(infos, await this.#readSignals(infos));
      }
    }
    return {
      stopSignals,
      supervisord: supervisord.status,
      processes: this.#processes,
      swept: this.#swept,
      isOutOfMemory: this.#oom.look(performance.now()),
      daemonized: this.#daemonized,
      ...this.#readHealth(),
    };
  }

  /** A supervisord that does not turn its loop is not waited for where the engine can be told. */
  async #wakeWhileStopping(): Promise<void> {
    const { supervisord, relief } = this.#options;
    const answer = await supervisord.wake();
    if (answer === "working") supervisord.shutDown();
    const running = new Map(
      this.#processes.flatMap(({ name, status }) =>
        status.kind === "alive" ? [[name, status.pid]] : []
      ),
    );
    if (relief.observe(answer !== "silent", running, performance.now())) supervisord.kill();
  }

  /** One probe speaks for all of the engine's processes. */
  #readHealth(): Pick<Observation, "ready" | "unhealthy"> {
    const { health, engineNames } = this.#options;
    if (health === undefined) return {};
    const { isReady, unhealthy } = health.status;
    return {
      ready: isReady ? engineNames : new Set(),
      unhealthy: unhealthy === undefined
        ? undefined
        : new Map([...engineNames].map((name) => [name, unhealthy])),
    };
  }

  /** How processes ended that supervisord says were killed by a signal, which it does not name. */
  async #readSignals(infos: readonly ProcessInfo[]): Promise<ReadonlyMap<string, Exit>> {
    const exits = new Map<string, Exit>();
    for (const { name, state, exitCode } of infos) {
      if (state !== "EXITED" || exitCode >= 0) continue;
      const exit = await this.#options.processes.readExit(name);
      if (exit !== undefined) exits.set(name, exit);
    }
    return exits;
  }

  /** Before they are swept: what ended well while it was up may live on in the background. */
  #lookForDaemons(infos: readonly ProcessInfo[]): void {
    const { programs, instanceMarker, supervisord } = this.#options;
    for (const { name, state, exitCode } of infos) {
      const policy = programs.get(name);
      const before = this.#processes.find((process) => process.name === name)?.status.kind;
      if (policy === undefined || before === "ended") continue;
      this.#daemonized.delete(name);
      if (state !== "EXITED" || exitCode !== 0) continue;
      const [group = "", process = ""] = name.split(":");
      const marker = [
        instanceMarker,
        `SUPERVISOR_GROUP_NAME=${group}`,
        `SUPERVISOR_PROCESS_NAME=${process}`,
      ];
      this.#daemonized.set(
        name,
        findDaemons({
          marker,
          sessionId: supervisord.pid,
          adopter: Deno.pid,
          isKnown: policy.foregroundHint !== undefined,
        }),
      );
    }
  }

  #take(infos: readonly ProcessInfo[], exits: ReadonlyMap<string, Exit>): void {
    const { journal, processes, health, engineNames, programs } = this.#options;
    this.#lookForDaemons(infos);
    this.#processes = infos.map((info) => {
      const isEngine = engineNames.has(info.name);
      const status = toProcessStatus(
        info,
        journal.lastExit(info.shortName),
        exits.get(info.name),
        this.#spawnErrors.get(info.name),
      );
      if (status.kind === "alive") {
        processes.follow(info.name, status.pid, programs.has(info.name));
        this.#swept.delete(info.name);
        this.#spawnErrors.delete(info.name);
      }
      return {
        name: info.name,
        isEngine,
        isFatal: info.state === "FATAL",
        status,
      };
    });
    health?.follow(this.enginePids.join(" "));
    const now = performance.now();
    if (now - this.#lastRememberMs >= REMEMBER_MS) {
      this.#lastRememberMs = now;
      processes.remember();
    }
  }
}
