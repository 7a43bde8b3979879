/**
 * The runs of programs: one life each, from supervisord's spawn to the death of its leader.
 *
 * @module
 */
import { isSame, type ProcessEntry } from "../linux/process_table.ts";

/** One life of one program. */
export interface Run {
  /** Its number, 1 for the first of this instance. */
  readonly number: number;
  /** Its leader's pid, which is also its process group's; 0 until it is spawned. */
  leader: number;
  /** The leader as it was seen; `undefined` until then, and where `/proc` cannot be read. */
  process: ProcessEntry | undefined;
  /** `group:process`; `undefined` until supervisord has named it. */
  name: string | undefined;
}

/** Runs to remember at most, so that an engine that keeps crashing does not fill the memory. */
const MAX_REMEMBERED = 1_000;

/** The runs of one instance. */
export class Runs {
  readonly #runs = new Map<number, Run>();
  readonly #byLeader = new Map<number, Run>();
  #last = 0;

  /** Makes a run for a program that is about to be spawned: the next leader of that name leads it. */
  expect(name: string): Run {
    return this.#add({ number: ++this.#last, leader: 0, process: undefined, name });
  }

  /** Makes a process the leader of a run. */
  lead(leader: number, process: ProcessEntry | undefined, run: Run): void {
    run.leader = leader;
    run.process = process;
    this.#byLeader.set(leader, run);
  }

  /** Finds or makes the run that a process leads. */
  note(leader: number, process: ProcessEntry | undefined, name: string | undefined): Run {
    let run = this.find(leader, process);
    if (run === undefined || (name !== undefined && (run.name ?? name) !== name)) {
      run = this.#findExpected(name) ??
        this.#add({ number: ++this.#last, leader, process, name });
      this.lead(leader, process, run);
    }
    run.name ??= name;
    run.process ??= process;
    return run;
  }

  #findExpected(name: string | undefined): Run | undefined {
    const last = name === undefined ? undefined : this.findLast(name);
    return last?.leader === 0 ? last : undefined;
  }

  #add(run: Run): Run {
    this.#runs.set(run.number, run);
    this.#forgetOld();
    return run;
  }

  #forgetOld(): void {
    for (const [number, run] of this.#runs) {
      if (this.#runs.size <= MAX_REMEMBERED) break;
      // It may still be running, however often another program was restarted meanwhile.
      if (run.name !== undefined && this.findLast(run.name) === run) continue;
      this.#runs.delete(number);
      if (this.#byLeader.get(run.leader) === run) this.#byLeader.delete(run.leader);
    }
  }

  /** The run with a number. */
  get(number: number): Run | undefined {
    return this.#runs.get(number);
  }

  /** The run that a process leads, or led if it is no longer there to be looked at. */
  find(leader: number, process?: ProcessEntry): Run | undefined {
    const run = this.#byLeader.get(leader);
    if (run?.process === undefined || process === undefined) return run;
    return isSame(run.process, process) ? run : undefined;
  }

  /** A program's last run. */
  findLast(name: string): Run | undefined {
    return [...this.#runs.values()].findLast((run) => run.name === name);
  }

  /** A program's last run that had begun when a process was born: it cannot be of a later one. */
  findLastBefore(name: string, process: ProcessEntry): Run | undefined {
    const begun = (run: Run) =>
      run.process === undefined || Number(run.process.startTicks) <= Number(process.startTicks);
    return [...this.#runs.values()].findLast((run) => run.name === name && begun(run));
  }

  /** The name of the only program that has run so far; `undefined` if there were several. */
  findOnlyProgram(): string | undefined {
    const [name, ...others] = new Set([...this.#runs.values()].map(({ name }) => name));
    return others.length === 0 ? name : undefined;
  }
}
