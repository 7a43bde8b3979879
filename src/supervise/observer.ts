/** Puts together what the policy observes: supervisord's answers, its log, probes, sweeps, signals. @module */
import type { EnginePolicy } from "../policy/engine_state.ts";
import type { Exit } from "../formats/exit.ts";
import { OomWatch } from "../linux/cgroup.ts";
import { waitForDaemons } from "../processes/daemon.ts";
import { lookAt } from "../linux/process_table.ts";
import type { ProcessWatch } from "../processes/process_watch.ts";
import type { SupervisordLogState } from "../supervisord/log_state.ts";
import type {
  LifeStep,
  Observation,
  ProcessObservation,
  ProcessStatus,
  StopProgress,
} from "../policy/observation.ts";
import type { Phase } from "../policy/policy.ts";
import type { SupervisordProcess } from "../supervisord/supervisord_process.ts";
import type { EventPayload } from "../events/launch_event.ts";
import type { DeathDiagnosis } from "../diagnosis/death_diagnosis.ts";
import type { EngineWatch } from "../health/engine_watch.ts";
import { listEndedRuns, readInStep, takeSteps } from "./life_steps.ts";
import type { Stopping } from "./stopping.ts";
import { type ProcessInfo, toProcessStatus } from "../supervisord/process_info.ts";

/** Where observations come from. */
export interface ObserverOptions {
  /** supervisord itself. */
  readonly supervisord: SupervisordProcess;
  /** What its log told. */
  readonly logState: SupervisordLogState;
  /** The processes that run. */
  readonly processes: ProcessWatch;
  /** What is asked of the engine itself. */
  readonly health: EngineWatch;
  /** The stop of everything, when it comes. */
  readonly stopping: Stopping;
  /** The engine's processes, `group:process` each. */
  readonly engineNames: ReadonlySet<string>;
  /** Every process whose restarts are the policy's: the engine's, and critical programs'. */
  readonly programs: ReadonlyMap<string, EnginePolicy>;
  /** The signals that asked for a stop so far; grows. */
  readonly stopSignals: readonly string[];
  /** Tells why a run of a managed process died. */
  readonly diagnosis: DeathDiagnosis;
  /** Called when another program does something else than before. */
  readonly onProgram: (program: ProgramChange) => void;
}
type ProgramChange = Extract<EventPayload, { kind: "program" }>;

export class Observer {
  readonly #options: ObserverOptions;
  readonly #swept = new Map<string, number>();
  readonly #cleared = new Map<string, number>();
  readonly #held = new Set<string>();
  readonly #evidenced = new Set<string>();
  readonly #spawnErrors = new Map<string, string>();
  readonly #oom = new OomWatch();
  readonly #daemonized = new Map<string, readonly number[]>();
  readonly #programs = new Map<string, string>();
  #isStopping = false;
  #processes: readonly ProcessObservation[] = [];

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** Whether a managed process is dead and supervisord has not noticed yet. */
  get isDeathUnnoticed(): boolean {
    return this.#processes.some(({ name, status }) =>
      this.#options.programs.has(name) && (status.kind === "alive" || status.kind === "stopping") &&
      this.#options.processes.isDead(name)
    );
  }

  /** The pids of the engine's own processes, if it runs. */
  get enginePids(): number[] {
    return this.#processes.flatMap(({ name, isEngine, status }) =>
      isEngine && status.kind === "alive" && !this.#held.has(name) ? [status.pid] : []
    );
  }

  /** Whether what supervisord calls alive waits to become the process. */
  isHeld(name: string): boolean {
    return this.#held.has(name);
  }

  /** Records that a process is being started. */
  noteStart(name: string): void {
    this.#held.delete(name);
    this.#options.diagnosis.noteStart(name);
    this.#evidenced.delete(name);
  }

  /** Records that the evidence of a hang was kept. */
  noteEvidenced(name: string): void {
    this.#evidenced.add(name);
  }

  /** Records whether the next run of a process is being spawned and waits. */
  noteHeld(name: string, isHeld: boolean): void {
    if (isHeld) this.#held.add(name);
    else this.#held.delete(name);
  }

  /** Records that all is clear for the next run of a process. */
  noteCleared(name: string, run: number): void {
    this.#cleared.set(name, Math.max(run, this.#cleared.get(name) ?? 0));
  }

  /** Records that what was left behind by a run of a process, and those before it, is gone. */
  noteSwept(name: string, run: number): void {
    this.#swept.set(name, Math.max(run, this.#swept.get(name) ?? 0));
  }

  /** Records that a process could not be spawned again: supervisord leaves it EXITED as before. */
  noteSpawnError(name: string, text: string): void {
    this.#spawnErrors.set(name, text);
  }

  /** Looks at everything. While supervisord is ending it is not asked, but its loop is woken. */
  async observe(phase: Phase, nowMs: number): Promise<Observation> {
    const { supervisord, stopSignals } = this.#options;
    let stop: StopProgress | undefined;
    this.#processes = this.#processes.map((process) => ({ ...process, steps: [] }));
    if (phase.kind === "stopping") {
      stop = await this.#observeStop(nowMs);
    } else if (supervisord.status.kind !== "ended") {
      const { logState, programs, processes } = this.#options;
      const infos = await readInStep(supervisord, logState, programs);
      if (infos !== undefined) {
        const steps = takeSteps(infos, logState, programs);
        for (const [name, pid] of listEndedRuns(infos, steps)) processes.noteEndedRun(name, pid);
        const exits = await this.#readSignals(infos);
        this.#follow(infos);
        await this.#lookForDaemons(infos);
        // Nothing is asked of an engine that has not been spawned.
        const { engineNames, health } = this.#options;
        if (infos.some(({ name, state }) => engineNames.has(name) && state !== "STOPPED")) {
          await health.load();
        }
        await this.#inquire(infos, exits, steps);
        this.#take(infos, exits, steps);
      }
    }
    return {
      stopSignals,
      supervisord: supervisord.status,
      processes: this.#processes,
      swept: this.#swept,
      cleared: this.#cleared,
      held: this.#held,
      evidenced: this.#evidenced,
      stop,
      isOutOfMemory: this.#oom.look(performance.now()),
      deaths: this.#options.diagnosis.deaths,
      daemonized: this.#daemonized,
      ...this.#readHealth(),
    };
  }

  async #observeStop(nowMs: number): Promise<StopProgress> {
    const { supervisord, stopping } = this.#options;
    if (!this.#isStopping) this.#followLogged();
    this.#isStopping = true;
    const isEnded = supervisord.status.kind === "ended";
    const answer = isEnded ? "ended" : await supervisord.wake();
    if (answer === "working") supervisord.shutDown();
    return await stopping.advance(answer, nowMs);
  }

  #readHealth(): Pick<Observation, "ready" | "loading" | "unhealthy"> {
    const { health, engineNames, supervisord } = this.#options;
    // What is being stopped drains, and need not answer.
    return supervisord.isEnding ? {} : health.observe(engineNames);
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
  async #lookForDaemons(infos: readonly ProcessInfo[]): Promise<void> {
    const { programs, processes, supervisord } = this.#options;
    for (const { name, state, exitCode } of infos) {
      const policy = programs.get(name);
      const before = this.#processes.find((process) => process.name === name)?.status.kind;
      if (policy === undefined || before === "ended") continue;
      this.#daemonized.delete(name);
      if (state !== "EXITED" || exitCode !== 0) continue;
      const isKnown = policy.foregroundHint !== undefined;
      const target = { sessionId: supervisord.pid, isKnown };
      this.#daemonized.set(name, await waitForDaemons(() => processes.findOrphans(name), target));
    }
  }

  /** Why managed processes died, before they are decided about. */
  async #inquire(
    infos: readonly ProcessInfo[],
    exits: ReadonlyMap<string, Exit>,
    steps: ReadonlyMap<string, LifeStep[]>,
  ): Promise<void> {
    const { programs, diagnosis, logState } = this.#options;
    this.#oom.look(performance.now());
    for (const info of infos) {
      if (!programs.has(info.name)) continue;
      const taken = steps.get(info.name) ?? [];
      for (const [index, step] of taken.entries()) {
        // The last one, if nothing has followed it, is in the status of the process.
        if (step.kind !== "exited" || (index === taken.length - 1 && info.state === "EXITED")) {
          continue;
        }
        await diagnosis.hold(info.name, step.exit, this.#oom.count);
        taken[index] = { ...step, death: diagnosis.deaths.get(info.name) };
      }
      const status = toProcessStatus(
        info,
        logState.lastExit(info.shortName),
        exits.get(info.name),
        this.#spawnErrors.get(info.name),
      );
      if (this.#held.has(info.name)) continue;
      if (status.kind === "alive") diagnosis.noteAlive(info.name, status.pid, this.#oom.count);
      if (!diagnosis.isDue(info.name, status.kind)) continue;
      const exit = status.kind === "ended" ? status.exit : undefined;
      await diagnosis.hold(info.name, exit, this.#oom.count);
    }
  }

  #tellProgram({ name, state, pid }: ProcessInfo, status: ProcessStatus): void {
    const word = status.kind === "alive" ? "running" : state === "FATAL" ? "fatal" : status.kind;
    const key = `${word} ${pid}`;
    if (this.#programs.get(name) === key) return;
    this.#programs.set(name, key);
    this.#options.onProgram({
      ...{ kind: "program", name, state: word },
      pid: pid === 0 ? undefined : pid,
      exit: status.kind === "ended" && status.spawnError === undefined ? status.exit : undefined,
    });
  }

  /** supervisord may have fallen silent before it told whom it has spawned: its log did. */
  #followLogged(): void {
    const { processes, programs, logState, supervisord } = this.#options;
    for (const name of programs.keys()) {
      if (processes.leaders.some((leader) => leader.name === name)) continue;
      const pid = logState.lastPid(name.slice(name.indexOf(":") + 1));
      const look = pid === undefined ? undefined : lookAt(pid);
      if (look?.kind !== "present" || look.process.parentPid !== supervisord.pid) continue;
      processes.follow(name, look.process.pid, true);
    }
  }

  /** Before anything that takes time: a stop must find whom to tell, and a death is seen at once. */
  #follow(infos: readonly ProcessInfo[]): void {
    const { processes, programs } = this.#options;
    for (const { name, state, pid } of infos) {
      if (state !== "STARTING" && state !== "RUNNING" && state !== "STOPPING") continue;
      processes.follow(name, pid, programs.has(name));
    }
  }

  #take(
    infos: readonly ProcessInfo[],
    exits: ReadonlyMap<string, Exit>,
    steps: ReadonlyMap<string, LifeStep[]>,
  ): void {
    const { logState, processes, health, engineNames, programs } = this.#options;
    this.#processes = infos.map((info) => {
      const isEngine = engineNames.has(info.name);
      const status = toProcessStatus(
        info,
        logState.lastExit(info.shortName),
        exits.get(info.name),
        this.#spawnErrors.get(info.name),
      );
      if (status.kind === "alive") {
        this.#spawnErrors.delete(info.name);
      } else if (status.kind !== "stopping") {
        processes.unfollow(info.name);
      }
      if (!programs.has(info.name)) this.#tellProgram(info, status);
      return {
        name: info.name,
        isEngine,
        isFatal: info.state === "FATAL",
        status,
        steps: steps.get(info.name) ?? [],
      };
    });
    health.follow(this.enginePids);
  }
}
