/**
 * The runs of programs: one life each, from supervisord's spawn to the death of its leader.
 *
 * @module
 */

/** One life of one program. */
export interface Run {
  /** Its number, 1 for the first of this instance. */
  readonly number: number;
  /** Its leader's pid, which is its process group's number as well; 0 until it is spawned. */
  leader: number;
  /** `group:process`; `undefined` until supervisord has told it. */
  name: string | undefined;
}

/** So many are remembered: an engine that crashes for ever fills no memory. */
const MOST_REMEMBERED = 1_000;

/** The runs of one instance. */
export class Runs {
  readonly #runs = new Map<number, Run>();
  readonly #byLeader = new Map<number, Run>();
  #last = 0;

  /**
   * Makes a run for a program that is about to be spawned.
   *
   * @param name `group:process`.
   * @returns It; the next leader of that name is its.
   */
  expect(name: string): Run {
    return this.#add({ number: ++this.#last, leader: 0, name });
  }

  /**
   * Takes note of a run's leader.
   *
   * @param leader Its pid.
   * @param run The run.
   */
  lead(leader: number, run: Run): void {
    run.leader = leader;
    this.#byLeader.set(leader, run);
  }

  /**
   * Takes note of a run.
   *
   * @param leader Its leader's pid.
   * @param name `group:process`, where it is known already.
   * @returns It, a new one where the pid was not known, or another program's.
   */
  note(leader: number, name: string | undefined): Run {
    let run = this.#byLeader.get(leader);
    if (run === undefined || (name !== undefined && (run.name ?? name) !== name)) {
      run = this.#findExpected(name) ?? this.#add({ number: ++this.#last, leader, name });
      this.lead(leader, run);
    }
    run.name ??= name;
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
      if (this.#runs.size <= MOST_REMEMBERED) break;
      // It may run yet, however often another program was restarted meanwhile.
      if (run.name !== undefined && this.findLast(run.name) === run) continue;
      this.#runs.delete(number);
      if (this.#byLeader.get(run.leader) === run) this.#byLeader.delete(run.leader);
    }
  }

  /** The run of a number. */
  get(number: number): Run | undefined {
    return this.#runs.get(number);
  }

  /** The run that a pid led last. */
  findByLeader(leader: number): Run | undefined {
    return this.#byLeader.get(leader);
  }

  /** A program's last run. */
  findLast(name: string): Run | undefined {
    return [...this.#runs.values()].findLast((run) => run.name === name);
  }

  /** The last run of the one program that there has been; `undefined` where there were several. */
  findOnlyProgram(): Run | undefined {
    const [name, ...others] = new Set([...this.#runs.values()].map(({ name }) => name));
    return name !== undefined && others.length === 0 ? this.findLast(name) : undefined;
  }
}
