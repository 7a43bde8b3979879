/**
 * Keeps an eye on processes: when they die, what they started, what they left behind.
 *
 * @module
 */
import { type ExitWatch, watchExit } from "./exit_watch.ts";
import type { Libc } from "../host/libc.ts";
import { type ProcessEntry, readProcesses } from "./process_table.ts";
import { findDescendants, isAlive, sweep, type SweepResult } from "./sweep.ts";

interface Watched {
  /** The process now, 0 where it does not run. */
  pid: number;
  watch: ExitWatch | undefined;
  isDead: boolean;
  isEngine: boolean;
  /** Groups whose remains have not been swept. */
  readonly unsweptGroups: Set<number>;
  /** Its descendants as last seen. */
  descendants: readonly ProcessEntry[];
}

/** What the watch needs. */
export interface ProcessWatchOptions {
  /** `undefined` where FFI is not permitted. */
  readonly libc: Libc | undefined;
  /** `NAME=value`, in the environment of everything this instance starts. */
  readonly instanceMarker: string;
  /** supervisord's session. */
  readonly sessionId: number;
  /** Who adopts orphans of ours: we, where we were asked to. */
  readonly adopter: number | undefined;
  /** Processes never to touch; looked at each time. */
  readonly spared: ReadonlySet<number>;
  /** Called when a watched process has died. */
  readonly onDeath: (isEngine: boolean) => void;
}

/** Watches processes by supervisord's name for them. */
export class ProcessWatch {
  readonly #options: ProcessWatchOptions;
  readonly #watched = new Map<string, Watched>();
  #adopted: readonly ProcessEntry[] = [];

  /** @param options What the watch needs. */
  constructor(options: ProcessWatchOptions) {
    this.#options = options;
  }

  #get(name: string): Watched {
    let watched = this.#watched.get(name);
    if (watched === undefined) {
      watched = {
        pid: 0,
        watch: undefined,
        isDead: false,
        isEngine: false,
        unsweptGroups: new Set(),
        descendants: [],
      };
      this.#watched.set(name, watched);
    }
    return watched;
  }

  /**
   * Takes note that a process runs.
   *
   * @param name `group:process`.
   * @param pid Its pid; supervisord made it the leader of a process group of that number.
   * @param isEngine Whether it is one of the engine's.
   */
  follow(name: string, pid: number, isEngine: boolean): void {
    const watched = this.#get(name);
    if (watched.pid === pid) return;
    watched.watch?.cancel();
    const watch = watchExit(pid, this.#options.libc);
    Object.assign(watched, { pid, watch, isDead: false, isEngine });
    // supervisord restarts the others itself, and their remains wait for the end.
    if (!isEngine) watched.unsweptGroups.clear();
    watched.unsweptGroups.add(pid);
    watch.ended.then(() => {
      if (watched.watch !== watch) return;
      watched.isDead = true;
      this.#options.onDeath(isEngine);
    });
  }

  /** The pids of the engine's processes that were last seen running. */
  get enginePids(): number[] {
    return [...this.#watched.values()]
      .filter(({ pid, isEngine }) => isEngine && pid > 0).map(({ pid }) => pid);
  }

  /** Whether a process is dead that supervisord may not have reaped yet. */
  isDead(name: string): boolean {
    return this.#watched.get(name)?.isDead ?? false;
  }

  /** Remembers what is whose, for when neither environment nor descent tell it any more. */
  remember(): void {
    const processes = readProcesses();
    const all = [...this.#watched.values()].filter(({ pid }) => pid !== 0);
    // Looked at after the table: orphans come only after a death, so that what it shows of a process
    // which lives even now is no orphan's.
    const living = all.filter(({ pid }) => isAlive(pid));
    for (const watched of living) {
      watched.descendants = findDescendants([watched.pid], processes);
    }
    const isEngine = (watched: Watched) => watched.isEngine;
    if (living.filter(isEngine).length === all.filter(isEngine).length) {
      this.#adopted = processes.filter(({ parentPid }) => parentPid === this.#options.adopter);
    }
  }

  /**
   * Kills what a process left behind that is dead, or was replaced behind our back.
   *
   * @param name `group:process`.
   * @param lastPid Its last pid as the log tells it, for one that died before it was seen.
   * @returns What was killed and what would not die.
   */
  async sweep(name: string, lastPid: number | undefined): Promise<SweepResult> {
    const watched = this.#get(name);
    if (lastPid !== undefined && !isAlive(lastPid)) watched.unsweptGroups.add(lastPid);
    if (!isAlive(watched.pid)) {
      watched.watch?.cancel();
      Object.assign(watched, { pid: 0, watch: undefined, isDead: false });
    }
    const [group = "", process = ""] = name.split(":");
    const groups = new Set([...watched.unsweptGroups].filter((pid) => pid !== watched.pid));
    const known = watched.descendants;
    const result = await sweep({
      groups,
      marker: [
        this.#options.instanceMarker,
        `SUPERVISOR_GROUP_NAME=${group}`,
        `SUPERVISOR_PROCESS_NAME=${process}`,
      ],
      known,
      sessionId: this.#options.sessionId,
      adopter: this.#options.adopter,
      adoptedBefore: this.#adopted,
      spared: this.#options.spared,
    });
    for (const swept of groups) watched.unsweptGroups.delete(swept);
    if (watched.descendants === known) watched.descendants = [];
    return result;
  }

  /**
   * Kills everything that this instance started and that still lives.
   *
   * @returns What was killed and what would not die.
   */
  async sweepAll(): Promise<SweepResult> {
    const all = [...this.#watched.values()];
    for (const { watch } of all) watch?.cancel();
    return await sweep({
      groups: new Set(all.flatMap(({ unsweptGroups }) => [...unsweptGroups])),
      marker: [this.#options.instanceMarker],
      known: all.flatMap(({ descendants }) => descendants),
      sessionId: this.#options.sessionId,
      adopter: this.#options.adopter,
      adoptedBefore: this.#adopted,
      spared: this.#options.spared,
    });
  }
}
