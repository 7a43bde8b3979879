/**
 * Watches programs: when their leaders die, and what they left behind.
 *
 * @module
 */
import { withDeadline } from "../log/with_deadline.ts";
import type { Exit } from "../formats/exit.ts";

import type { Libc } from "../linux/libc.ts";
import { errorText } from "../log/error_text.ts";
import type { Logger } from "../log/logger.ts";
import { type ExitWatch, watchExit } from "../linux/exit_watch.ts";
import type { Family, Member } from "./family.ts";
import { isSame, lookAt, type ProcessEntry } from "../linux/process_table.ts";
import type { Run } from "./runs.ts";
import { sweep, type SweepResult } from "./sweep.ts";

interface Watched {
  readonly isManaged: boolean;
  /** The run that supervisord last called alive; `undefined` once it calls it anything else. */
  run: Run | undefined;
  watch: ExitWatch | undefined;
  isDead: boolean;
  /** How its last run ended, if that was seen. */
  exit: Exit | undefined;
  /** The pids of its leaders since the last sweep: the process groups to kill if nothing can be looked at. */
  readonly leaders: Set<number>;
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
  /** `undefined` if FFI is not permitted. */
  readonly libc: Libc | undefined;
  /** Which process belongs to which run. */
  readonly family: Family;
  /** supervisord, which leads a session. */
  readonly supervisord: number;
  /** Receives log lines. */
  readonly log: Logger;
  /** Called when a watched process has died. */
  readonly onDeath: (isManaged: boolean) => void;
}

/** How long a process that its parent calls dead may take to be seen so, ms. */
const EXIT_PATIENCE_MS = 250;

/** Watches processes by supervisord's name for them. */
export class ProcessWatch {
  readonly #options: ProcessWatchOptions;
  readonly #watched = new Map<string, Watched>();
  #sweeping: Promise<unknown> = Promise.resolve();

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
        leaders: new Set(),
      };
      this.#watched.set(name, watched);
    }
    return watched;
  }

  /** Records that supervisord calls a process alive. */
  follow(name: string, pid: number, isManaged: boolean): void {
    const watched = this.#get(name, isManaged);
    if (watched.run?.leader === pid) return;
    watched.watch?.cancel();
    const watch = watchExit(pid, this.#options.libc);
    watched.run = this.#options.family.noteRun(pid, name);
    Object.assign(watched, { watch, isDead: false, exit: undefined });
    // supervisord restarts the others itself, and what they leave waits for the end.
    if (!isManaged) watched.leaders.clear();
    watched.leaders.add(pid);
    watch.ended.then((exit) => {
      if (watched.watch !== watch) return;
      watched.exit = exit;
      watched.isDead = true;
      this.#options.onDeath(isManaged);
    }).catch((error) => this.#options.log.error(`watching ${name} failed: ${errorText(error)}`));
  }

  /** Records that supervisord calls a process neither alive nor about to be stopped. */
  unfollow(name: string): void {
    const watched = this.#watched.get(name);
    if (watched?.run === undefined) return;
    watched.watch?.cancel();
    Object.assign(watched, { run: undefined, watch: undefined, isDead: false });
  }

  /** Records a run of which only supervisord's log shows that it began and ended. */
  noteEndedRun(name: string, pid: number): void {
    const { leaders } = this.#get(name, true);
    if (leaders.has(pid)) return;
    leaders.add(pid);
    this.#options.family.noteEndedRun(pid, name);
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

  /** Whether a pid still belongs to the run of a program that supervisord last called alive. */
  isCurrent(name: string, pid: number): boolean {
    const run = this.#watched.get(name)?.run;
    if (run?.leader !== pid) return false;
    const look = lookAt(pid);
    if (look.kind !== "present") return look.kind === "unknown";
    return run.process === undefined || isSame(look.process, run.process);
  }

  /**
   * Reads how a dead process was seen to end, until its next run. Its parent may report the death before
   * we have looked, so wait for that.
   */
  async readExit(name: string): Promise<Exit | undefined> {
    const watched = this.#watched.get(name);
    if (watched?.watch !== undefined && !watched.isDead) {
      await withDeadline(watched.watch.ended, EXIT_PATIENCE_MS);
    }
    return watched?.exit;
  }

  /**
   * Kills what the dead runs of a program left behind; one sweep at a time, so that each process is counted
   * once.
   */
  async sweep(name: string): Promise<SweepResult> {
    const before = this.#sweeping;
    const sweeping = before.then(() => this.#sweepProgram(name));
    this.#sweeping = sweeping.catch(() => {});
    return await sweeping;
  }

  async #sweepProgram(name: string): Promise<SweepResult> {
    const { leaders, run } = this.#get(name);
    const groups = new Set([...leaders].filter((pid) => pid !== run?.leader));
    const result = await this.#sweep(groups, () => this.findOrphans(name));
    for (const group of groups) leaders.delete(group);
    return result;
  }

  /**
   * Kills everything that this instance started and that still lives; supervisord must have ended.
   */
  async sweepAll(): Promise<SweepResult> {
    const all = [...this.#watched.values()];
    for (const { watch } of all) watch?.cancel();
    const groups = new Set(all.flatMap(({ leaders }) => [...leaders]));
    const { family } = this.#options;
    return await this.#sweep(
      groups,
      async () => (await family.findMembers())?.map(({ process }) => process),
    );
  }

  /** The living processes of all runs of a program; `undefined` if they cannot be seen. */
  async findProcesses(name: string): Promise<ProcessEntry[] | undefined> {
    const members = await this.#options.family.findMembers();
    return members?.filter(({ run }) => run?.name === name).map(({ process }) => process);
  }

  /** What the dead runs of a program left behind; `undefined` if it cannot be seen. */
  async findOrphans(name: string): Promise<ProcessEntry[] | undefined> {
    const members = await this.#options.family.findMembers();
    return members === undefined
      ? undefined
      : selectOrphans(members, name, this.#options.supervisord);
  }

  async #sweep(
    groups: ReadonlySet<number>,
    find: () => Promise<readonly ProcessEntry[] | undefined>,
  ): Promise<SweepResult> {
    return await sweep({ find, groups, sessionId: this.#options.supervisord });
  }
}

/**
 * Selects what the dead runs of a program left behind. Nothing of a run whose leader lives is an orphan, and
 * no child of supervisord's is: it may have been started after the death that is cleaned up after.
 */
export function selectOrphans(
  members: readonly Member[],
  name: string,
  supervisord: number,
): ProcessEntry[] {
  const living = new Set(
    members.filter(({ process, run }) => run !== undefined && isLeader(process, run))
      .map(({ run }) => run),
  );
  return members
    .filter(({ process, run }) =>
      run?.name === name && !living.has(run) && process.parentPid !== supervisord
    )
    .map(({ process }) => process);
}

function isLeader(process: ProcessEntry, run: Run): boolean {
  return process.pid === run.leader &&
    (run.process === undefined || isSame(process, run.process));
}
