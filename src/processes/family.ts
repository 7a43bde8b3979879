/**
 * Whose a process is: recorded while that can be seen, not guessed when something must be killed.
 *
 * supervisord and all that it starts are the family. A run is one life of one program: its leader, which
 * supervisord spawned, and what descends from it. What a dead run leaves becomes an orphan: our own
 * child where we are PID 1 or a subreaper. Whose it is is told, in this order, by
 *
 * 1. the ledger: it was seen below its leader;
 * 2. the mark in its resource limits ({@linkcode LimitMarks}), which it cannot lose; where the marks are
 *    in use, a process without one is a stranger, and nothing else is asked;
 * 3. the variables that supervisord and we put into its environment, where they are still there;
 * 4. its process group, or a session or group of something seen in one program's tree and in no other's;
 * 5. that there is but one program whose it can be.
 *
 * What nothing tells is somebody else's, as a `docker exec` is, and lives on; where it lies is asked again
 * at each look, since it may be seen before the others that lie there.
 *
 * Permissions: all of them, for `/proc`; `--allow-ffi` for the marks.
 *
 * @module
 */
import { listParentsFirst, TreeReader } from "./descent.ts";
import { readVariables } from "./environment_mark.ts";
import type { InstanceMarker } from "./instance_marker.ts";
import type { LimitMarks } from "./tags.ts";
import { type LookResult, LookTimer } from "./look_timer.ts";
import {
  canReadProcesses,
  isOver,
  keyOf,
  lookAt,
  type ProcessEntry,
} from "../linux/process_table.ts";
import { Places } from "./places.ts";
import { type Run, Runs } from "./runs.ts";
import { Slices } from "../linux/yielding.ts";

/** A process of the family. */
export interface Member {
  readonly process: ProcessEntry;
  /** `undefined` where it is of the family and nothing tells of which run. */
  readonly run: Run | undefined;
}

/** What a family needs to know its own. */
export interface FamilyOptions {
  /** supervisord, the leader of a session in which its programs' process groups lie. */
  readonly supervisord: number;
  /** The variable that everything this instance starts inherits. */
  readonly marker: InstanceMarker;
  readonly marks: LimitMarks;
  /** Whether orphans become our children; else they may be anywhere. */
  readonly adopts: boolean;
  /** Called with each look at the family, those that have ended and were not reaped among it. */
  readonly onLook?: ((members: readonly Member[]) => void) | undefined;
  /** Processes of ours that are not of the family, nor is what descends from them; looked at each time. */
  readonly spared: ReadonlySet<number>;
}

/** Whose a process is: a run's, the family's and no run's, or nobody's of ours. */
type Owner = Run | "supervisord" | "ours" | "stranger";

/** The most time between two looks, ms; without marks, what is not seen in time stays unknown. */
const MAX_MS = { marked: 5_000, unmarked: 1_000 } as const;

const GROUP_NAME = "SUPERVISOR_GROUP_NAME";
const PROCESS_NAME = "SUPERVISOR_PROCESS_NAME";

/** The ledger of one instance. */
export class Family {
  readonly #options: FamilyOptions;
  readonly #tree: TreeReader;
  readonly #runs = new Runs();
  /** Of each process that was seen in its run's tree: the run. */
  #ledger = new Map<string, Run>();
  readonly #places = new Places();
  /** Processes that were found to be nobody's of ours, for as long as they live. */
  #strangers = new Set<string>();
  #marked = new Set<string>();
  readonly #timer: LookTimer;
  /** Whether a look since the timer's last one, a sweep's too, found a process that was not known. */
  #hasGrown = false;
  #lastCreated = "";
  #looking: Promise<unknown> | undefined;

  constructor(options: FamilyOptions) {
    this.#options = options;
    this.#tree = new TreeReader(Deno.pid);
    this.#timer = new LookTimer(
      () => this.#lookIfNeeded(),
      () => options.marks.isInUse ? MAX_MS.marked : MAX_MS.unmarked,
    );
  }

  /** Begins to look, often while the family grows and rarely while it does not. */
  watch(): void {
    if (canReadProcesses()) this.#timer.start();
  }

  /** Ends that. */
  close(): void {
    this.#timer.stop();
  }

  async #lookIfNeeded(): Promise<LookResult> {
    const created = readLastCreated();
    const isNeeded = created === undefined || created !== this.#lastCreated;
    const { usedMs } = isNeeded ? await this.look() : { usedMs: 0 };
    const hasGrown = this.#hasGrown;
    this.#hasGrown = false;
    return { usedMs, hasGrown };
  }

  /**
   * Records what supervisord is about to spawn: what it spawns from now on carries that run's mark
   * from its first moment.
   */
  expect(name: string | undefined): void {
    const number = name === undefined ? 0 : this.#runs.expect(name).number;
    this.#options.marks.mark(this.#options.supervisord, number);
  }

  /** Records that supervisord has spawned a process. */
  noteRun(leader: number, name: string | undefined, process = findPresent(leader)): Run {
    const known = this.#runs.find(leader, process);
    const mark = known === undefined ? this.#options.marks.read(leader) : undefined;
    const expected = mark?.kind === "ours" ? this.#runs.get(mark.run) : undefined;
    if (expected?.leader === 0) this.#runs.lead(leader, process, expected);
    const run = this.#runs.note(leader, process, name);
    if (run !== known) {
      if (run !== expected) this.#options.marks.mark(leader, run.number);
      this.#timer.hurry();
    }
    return run;
  }

  /** Records a run that ended before anything of it could be looked at. */
  noteEndedRun(leader: number, name: string): void {
    this.#runs.note(leader, undefined, name);
  }

  /** Looks at the whole family and takes note of who is whose. */
  async look(): Promise<Slices> {
    const slices = new Slices();
    this.#lastCreated = readLastCreated() ?? "";
    await this.#readMembers(slices);
    return slices;
  }

  /** Whether a process, a zombie as well, is known to be of the family. */
  owns(process: ProcessEntry): boolean {
    return this.#ledger.has(keyOf(process)) ||
      process.sessionId === this.#options.supervisord ||
      this.#options.marks.read(process.pid).kind === "ours";
  }

  /** Finds the living members of the family. */
  async findMembers(): Promise<Member[] | undefined> {
    const members = await this.#readMembers(new Slices());
    return members?.filter(({ process }) => !isOver(process));
  }

  /** One look at a time: two would undo each other's notes. */
  async #readMembers(slices: Slices): Promise<Member[] | undefined> {
    while (this.#looking !== undefined) await this.#looking;
    const reading = this.#read(slices);
    this.#looking = reading;
    try {
      return await reading;
    } finally {
      this.#looking = undefined;
    }
  }

  async #read(slices: Slices): Promise<Member[] | undefined> {
    const tree = this.#options.adopts
      ? await this.#tree.read(slices)
      : await this.#tree.readWhole(slices);
    if (tree === undefined) return undefined;
    const owners = new Map<number, Owner>();
    const seen = new Map<string, Run>();
    const strangers = new Set<string>();
    const members: Member[] = [];
    for (const process of listParentsFirst(tree, this.#options.adopts)) {
      await slices.pause();
      const owner = this.#findOwner(process, owners.get(process.parentPid));
      owners.set(process.pid, owner);
      if (owner === "stranger") strangers.add(keyOf(process));
      if (owner === "stranger" || owner === "supervisord") continue;
      const run = owner === "ours" ? undefined : owner;
      members.push({ process, run });
      if (run !== undefined) this.#note(process, run, seen);
    }
    for (const key of seen.keys()) this.#hasGrown ||= !this.#ledger.has(key);
    this.#ledger = seen;
    this.#strangers = strangers;
    this.#marked = new Set([...this.#marked].filter((key) => seen.has(key)));
    this.#options.onLook?.(members);
    return members;
  }

  #findOwner(process: ProcessEntry, parent: Owner | undefined): Owner {
    const { supervisord, spared } = this.#options;
    if (process.pid === supervisord) return "supervisord";
    if (spared.has(process.pid)) return "stranger";
    if (parent === "supervisord") return this.noteRun(process.pid, undefined, process);
    const known = this.#ledger.get(keyOf(process));
    if (known !== undefined) return known;
    if (parent !== undefined && parent !== "stranger") return parent;
    if (parent === "stranger" && this.#options.adopts) return "stranger";
    return this.#identify(process);
  }

  /** Whose an orphan is that was never seen below its leader. */
  #identify(process: ProcessEntry): Owner {
    if (this.#strangers.has(keyOf(process))) {
      // Where ours lie may have been learnt since, in this very look.
      return this.#options.marks.isInUse ? "stranger" : this.#findPlace(process) ?? "stranger";
    }
    const mark = this.#options.marks.read(process.pid);
    if (mark.kind === "none") return "stranger";
    if (mark.kind === "ours" && mark.run > 0) return this.#runs.get(mark.run) ?? "ours";
    const told = this.#readEnvironment(process) ?? this.#findGroup(process) ??
      this.#findPlace(process);
    if (told !== undefined) return told;
    if (mark.kind !== "ours") return "stranger";
    const only = this.#runs.findOnlyProgram();
    return (only === undefined ? undefined : this.#runs.findLastBefore(only, process)) ?? "ours";
  }

  #readEnvironment(process: ProcessEntry): Run | "ours" | undefined {
    const { marker } = this.#options;
    const found = readVariables(process.pid, [marker.name, GROUP_NAME, PROCESS_NAME]);
    if (found?.get(marker.name) !== marker.value) return undefined;
    const name = `${found.get(GROUP_NAME)}:${found.get(PROCESS_NAME)}`;
    return this.#runs.findLastBefore(name, process) ?? "ours";
  }

  /** A group of the same number in another session is a stranger's, who got the number after it. */
  #findGroup({ groupId, sessionId }: ProcessEntry): Run | undefined {
    return sessionId === this.#options.supervisord ? this.#runs.find(groupId) : undefined;
  }

  #findPlace(process: ProcessEntry): Run | undefined {
    for (const name of this.#places.list(process)) {
      const run = this.#runs.findLastBefore(name, process);
      if (run !== undefined) return run;
    }
    return undefined;
  }

  #note(process: ProcessEntry, run: Run, seen: Map<string, Run>): void {
    const key = keyOf(process);
    seen.set(key, run);
    if (!this.#marked.has(key)) {
      this.#marked.add(key);
      this.#options.marks.mark(process.pid, run.number);
    }
    this.#places.note(process, run.name, this.#options.supervisord);
  }
}

function findPresent(pid: number): ProcessEntry | undefined {
  const look = lookAt(pid);
  return look.kind === "present" ? look.process : undefined;
}

/** The number that the last process or thread got, which the kernel counts up. */
function readLastCreated(): string | undefined {
  try {
    const last = Deno.readTextFileSync("/proc/loadavg").trim().split(" ").at(-1);
    return last === undefined || Number(last) < Deno.pid ? undefined : last;
  } catch {
    return undefined;
  }
}
