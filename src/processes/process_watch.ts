/**
 * Keeps an eye on programs: when their leaders die, what they left behind.
 *
 * @module
 */
import type { Exit } from "../formats/exit.ts";
import { withDeadline } from "../host/streams.ts";
import type { Libc } from "../host/libc.ts";
import { type ExitWatch, watchExit } from "./exit_watch.ts";
import type { Family, Member } from "./family.ts";
import type { ProcessEntry } from "./process_table.ts";
import type { Run } from "./runs.ts";
import { sweep, type SweepResult } from "./sweep.ts";

interface Watched {
  readonly isManaged: boolean;
  /** The run that supervisord last called alive; `undefined` once it calls it anything else. */
  run: Run | undefined;
  watch: ExitWatch | undefined;
  isDead: boolean;
  /** How its last run ended, where that was seen. */
  exit: Exit | undefined;
  /** Runs whose remains have not been swept. */
  readonly unswept: Set<Run>;
}

/** A process that supervisord spawned. */
export interface Leader {
  /** `group:process`. */
  readonly name: string;
  readonly pid: number;
  /** Whether it is known to have died. */
  readonly isDead: boolean;
}

/** What the watch needs. */
export interface ProcessWatchOptions {
  /** `undefined` where FFI is not permitted. */
  readonly libc: Libc | undefined;
  /** Whose is whose. */
  readonly family: Family;
  /** supervisord's session. */
  readonly sessionId: number;
  /** Called when a watched process has died. */
  readonly onDeath: (isManaged: boolean) => void;
}

/** How long one that its parent calls dead may take to be seen so, ms. */
const EXIT_PATIENCE_MS = 250;

/** Watches processes by supervisord's name for them. */
export class ProcessWatch {
  readonly #options: ProcessWatchOptions;
  readonly #watched = new Map<string, Watched>();

  /** @param options What the watch needs. */
  constructor(options: ProcessWatchOptions) {
    this.#options = options;
  }

  #get(name: string, isManaged = false): Watched {
    let watched = this.#watched.get(name);
    if (watched === undefined) {
      watched = {
        isManaged,
        run: undefined,
        watch: undefined,
        isDead: false,
        exit: undefined,
        unswept: new Set(),
      };
      this.#watched.set(name, watched);
    }
    return watched;
  }

  /**
   * Takes note that supervisord calls a process alive.
   *
   * @param name `group:process`.
   * @param pid Its pid; supervisord made it the leader of a process group of that number.
   * @param isManaged Whether its restarts are ours.
   */
  follow(name: string, pid: number, isManaged: boolean): void {
    const watched = this.#get(name, isManaged);
    if (watched.run?.leader === pid) return;
    watched.watch?.cancel();
    const watch = watchExit(pid, this.#options.libc);
    watched.run = this.#options.family.noteRun(pid, name);
    Object.assign(watched, { watch, isDead: false, exit: undefined });
    // supervisord restarts the others itself, and their remains wait for the end.
    if (!isManaged) watched.unswept.clear();
    watched.unswept.add(watched.run);
    watch.ended.then((exit) => {
      if (watched.watch !== watch) return;
      watched.exit = exit;
      watched.isDead = true;
      this.#options.onDeath(isManaged);
    });
  }

  /** Takes note that supervisord calls a process neither alive nor about to be stopped. */
  unfollow(name: string): void {
    const watched = this.#watched.get(name);
    if (watched?.run === undefined) return;
    watched.watch?.cancel();
    Object.assign(watched, { run: undefined, watch: undefined, isDead: false });
  }

  /** The leaders that supervisord last called alive, whether they have died since or not. */
  get leaders(): Leader[] {
    return [...this.#watched].flatMap(([name, { run, isDead }]) =>
      run === undefined ? [] : [{ name, pid: run.leader, isDead }]
    );
  }

  /** Whether a process is dead that supervisord may not have reaped yet. */
  isDead(name: string): boolean {
    return this.#watched.get(name)?.isDead ?? false;
  }

  /**
   * How a process that is dead was seen to end; until its next run. Its parent may have told of the
   * death before we have looked: that is waited for.
   *
   * @param name `group:process`.
   */
  async readExit(name: string): Promise<Exit | undefined> {
    const watched = this.#watched.get(name);
    if (watched?.watch !== undefined && !watched.isDead) {
      await withDeadline(watched.watch.ended, EXIT_PATIENCE_MS);
    }
    return watched?.exit;
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
    if (lastPid !== undefined && lastPid !== watched.run?.leader) {
      watched.unswept.add(this.#options.family.noteRun(lastPid, name));
    }
    const runs = new Set([...watched.unswept].filter((run) => run !== watched.run));
    const result = await this.#sweep(
      runs,
      // Not what somebody has started meanwhile; its run may not be in our books yet.
      ({ run }) => run?.name === name && run !== watched.run && run.leader !== watched.run?.leader,
    );
    for (const run of runs) watched.unswept.delete(run);
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
    return await this.#sweep(new Set(all.flatMap(({ unswept }) => [...unswept])), () => true);
  }

  /** The living members of the runs that a program has had; `undefined` where they cannot be seen. */
  async findRemains(name: string): Promise<ProcessEntry[] | undefined> {
    const members = await this.#options.family.findMembers();
    return members?.filter(({ run }) => run?.name === name).map(({ process }) => process);
  }

  async #sweep(
    runs: ReadonlySet<Run>,
    isTarget: (member: Member) => boolean,
  ): Promise<SweepResult> {
    const { family, sessionId } = this.#options;
    return await sweep({
      find: async () =>
        (await family.findMembers())?.filter(isTarget).map(({ process }) => process),
      groups: new Set([...runs].map(({ leader }) => leader)),
      sessionId,
    });
  }
}
