/**
 * How everything is stopped: each leader is told once, and what it leaves gets what is left of its grace.
 *
 * supervisord tells the leaders, one group after another, and kills those whose grace is over. It knows
 * nothing of what else there is: a server behind an entrypoint script without `exec`, workers that drain
 * by themselves. When a leader is gone, those of its family get the same signal and the rest of the
 * grace. Where supervisord does not turn its loop (its own output's reader has stalled, or somebody has
 * stopped it), it is killed, so that nobody is told twice should it go on, and its part is done here:
 * its programs' output too, which would break under them.
 *
 * @module
 */
import type { StopOrder } from "../document/stop_orders.ts";
import type { Logger } from "../log/logger.ts";
import type { StopProgress } from "../policy/observation.ts";
import { hasEnded, keyOf, lookAt } from "../linux/process_table.ts";
import type { ProcessWatch } from "../processes/process_watch.ts";
import { renderProcesses } from "../cleanup/remains.ts";
import type { WaitsFor } from "../linux/wait_channel.ts";
import { sendSignal, trySignal } from "../linux/send_signal.ts";
import { isJustSpawned, readSignalFate, type SignalFate } from "../linux/signal_fate.ts";
import { isCleaner } from "../processes/sweep.ts";
import type { OutputWriters } from "../output/plan_output.ts";
import { takeOverOutput } from "../output/take_over_output.ts";
import {
  countGroups,
  describeRefused,
  groupOf,
  type StoppingProgram as Program,
} from "./stopping_program.ts";

/** What stopping needs. */
export interface StoppingOptions {
  /** How every process wants to be stopped, by `group:process`. */
  readonly orders: ReadonlyMap<string, StopOrder>;
  /** The programs. */
  readonly programs: ProcessWatch;
  /** supervisord. */
  readonly supervisord: {
    readonly pid: number;
    /** What it waits for. */
    readonly readWait: () => Promise<WaitsFor>;
  };
  /** Where its programs' output goes. */
  readonly outputWriters: OutputWriters;
  /** Whether the engine's goes through us, who read on whatever its reader does. */
  readonly isRelayed: boolean;
  /** Whether its log says that it has told its programs to stop. */
  readonly hasTold: () => boolean;
  /** Receives log lines. */
  readonly log: Logger;
}

/** What supervisord answered: `working` and `ending` turn its loop, `silent` does not. */
export type LoopAnswer = "working" | "ending" | "silent" | "ended";

/**
 * How long supervisord may be silent before its part is done for it, ms: where it is seen to be stopped
 * or blocked, where we read on for a reader that has stalled, and where it may merely be slow. Half a second of load is not silence: seen in 3 of 89
 * stops on a busy machine.
 */
const SILENCE_MS = { stuck: 500, relayed: 1_500, slow: 5_000 } as const;

/** What supervisord's own kill may take after a grace has ended before ours is added, ms. */
const KILL_MARGIN_MS = 500;

const DEFAULT_ORDER: StopOrder = { signal: "SIGTERM", asGroup: false, waitMs: 10_000 };

/** One stop of everything. */
export class Stopping {
  readonly #options: StoppingOptions;
  #programs: Program[] | undefined;
  #silentSinceMs: number | undefined;
  #hasBegun = false;
  #isTakenOver = false;
  readonly #killed: string[] = [];
  readonly #refused: string[] = [];

  constructor(options: StoppingOptions) {
    this.#options = options;
  }

  /** Carries the stop on. */
  async advance(
    answer: LoopAnswer,
    nowMs: number,
  ): Promise<StopProgress> {
    const programs = this.#programs ??= this.#begin(nowMs);
    if (answer === "ending") this.#hasBegun = true;
    for (const program of programs) this.#lookAtLeader(program, answer, nowMs);
    // One that has ended with somebody left was killed; nobody else tells them now.
    const isDeserted = answer === "ended" && programs.some(({ isGone }) => !isGone);
    if (isDeserted || await this.#isStuck(answer, nowMs)) this.#takeOver(programs, answer, nowMs);
    let isWaiting = false;
    for (const program of programs) {
      if (!program.isGone) {
        this.#repeatSwallowed(program);
        this.#killLate(program, nowMs);
        // Nobody has told it, so it drains nothing.
        if (!program.isRefused || answer !== "ended") isWaiting = true;
      } else if (!program.isDone) {
        const left = await this.#advanceFamily(program, nowMs);
        if (left) isWaiting = true;
      }
    }
    const refused = programs.filter(({ isRefused, isGone }) => isRefused && !isGone)
      .map(({ name, pid }) => describeRefused(`${name} (pid ${pid})`));
    return { isWaiting, killed: this.#killed, refused: [...refused, ...this.#refused] };
  }

  /** Kills every leader, and leaves the rest to the sweep. */
  kill(): void {
    this.#isTakenOver = true; // Nobody is told any more.
    for (const program of this.#programs ?? []) if (!program.isGone) this.#send(program, "SIGKILL");
    sendSignal(this.#options.supervisord.pid, "SIGKILL");
  }

  #begin(nowMs: number): Program[] {
    const programs = this.#options.programs.leaders.map(({ name, pid, isDead }): Program => {
      const order = this.#options.orders.get(name) ?? DEFAULT_ORDER;
      return {
        ...{ name, pid, order, sinceMs: nowMs },
        isGone: isDead,
        isDone: false,
        isKilled: false,
        isRefused: false,
        isYoung: isJustSpawned(pid) || this.#readFate({ pid, order }) === "swallowed",
        told: new Set(),
      };
    });
    const told = programs.filter(({ isGone }) => !isGone).map((
      { name, pid, order: { signal, waitMs } },
    ) => `${name} (pid ${pid}) gets ${signal} and has ${waitMs / 1000} s`);
    if (told.length > 0) this.#options.log.info(`stopping: ${told.join("; ")}`, { event: "told" });
    return programs;
  }

  #readFate({ pid, order }: Pick<Program, "pid" | "order">): SignalFate {
    return readSignalFate(pid, this.#options.supervisord.pid, order.signal);
  }

  /** Of several groups it is not known whose turn it is. */
  #areSeveralGroupsLeft(): boolean {
    return countGroups((this.#programs ?? []).filter(({ isGone }) => !isGone)) > 1;
  }

  /** Told between fork and exec it knows nothing of it, and would run on until it is killed. */
  #repeatSwallowed(program: Program): void {
    if (!program.isYoung || !(this.#hasBegun || this.#options.hasTold())) return;
    if (this.#areSeveralGroupsLeft()) return;
    const fate = this.#readFate(program);
    if (fate === "swallowed") return;
    program.isYoung = false;
    if (fate !== "ends") return;
    const { name, pid, order: { signal } } = program;
    this.#options.log.info(`${signal} came before ${name} (pid ${pid}) ran: it is sent again`);
    this.#tell(program);
  }

  async #isStuck(answer: LoopAnswer, nowMs: number): Promise<boolean> {
    if (answer !== "silent") {
      this.#silentSinceMs = undefined;
      return false;
    }
    this.#silentSinceMs ??= nowMs;
    const { supervisord, isRelayed } = this.#options;
    const look = lookAt(supervisord.pid);
    const isStopped = look.kind === "present" && /[Tt]/.test(look.process.state);
    const silentMs = nowMs - this.#silentSinceMs;
    if (silentMs < SILENCE_MS.stuck) return false;
    if (isStopped || silentMs >= SILENCE_MS.slow) return true;
    if (isRelayed && silentMs < SILENCE_MS.relayed) return false;
    return await supervisord.readWait() === "reader";
  }

  /** From now on supervisord does nothing more. */
  #takeOver(programs: readonly Program[], answer: LoopAnswer, nowMs: number): void {
    if (this.#isTakenOver) return;
    this.#isTakenOver = true;
    const { supervisord, outputWriters, hasTold } = this.#options;
    if (answer !== "ended") {
      const running = programs.filter(({ isGone }) => !isGone);
      takeOverOutput(supervisord.pid, running.map(({ pid }) => pid), outputWriters);
      sendSignal(supervisord.pid, "SIGKILL");
    }
    // It stops one group after another: the only one was told before it fell silent.
    if ((this.#hasBegun || hasTold()) && countGroups(programs) === 1) {
      // It may have had no right to tell it. This signal changes nothing where it may be sent.
      for (const program of programs) if (!program.isGone) this.#send(program, "SIGCONT");
      return;
    }
    const what = answer === "ended" ? "has ended" : "does not answer";
    for (const program of programs) {
      const { name, pid, order: { signal }, isGone } = program;
      if (isGone) continue;
      program.sinceMs = nowMs; // Whose turn had not come has its whole grace yet.
      this.#options.log.warn(`supervisord ${what}: sending ${signal} to ${name} (pid ${pid})`);
      this.#tell(program);
    }
  }

  #lookAtLeader(program: Program, answer: LoopAnswer, nowMs: number): void {
    if (program.isGone) return;
    // supervisord ends when it has waited for all of them; where it was killed, they can be seen.
    const isGone = this.#options.programs.isDead(program.name) ||
      (hasEnded(lookAt(program.pid)) ?? answer === "ended");
    if (!isGone) return;
    program.isGone = true;
    if (nowMs - program.sinceMs >= program.order.waitMs) this.#noteLate(program);
    for (const other of this.#programs ?? []) {
      // The next group's grace begins when this one is over.
      if (!other.isGone && groupOf(other) !== groupOf(program)) other.sinceMs = nowMs;
    }
  }

  /** supervisord kills a leader whose grace is over; where it is dead, we do. */
  #killLate(program: Program, nowMs: number): void {
    const { order: { waitMs } } = program;
    const overMs = nowMs - program.sinceMs - waitMs;
    if (
      program.isKilled || program.isRefused || overMs < (this.#isTakenOver ? 0 : KILL_MARGIN_MS)
    ) return;
    if (!this.#isTakenOver && this.#areSeveralGroupsLeft()) return;
    if (this.#send(program, "SIGKILL")) this.#noteLate(program);
  }

  /** As supervisord tells it. */
  #tell(program: Program): void {
    const { pid, order: { signal, asGroup } } = program;
    this.#send(program, signal, asGroup ? -pid : pid);
  }

  #send(program: Program, signal: string, pid = program.pid): boolean {
    if (trySignal(pid, signal) !== "refused") return true;
    if (!program.isRefused) {
      program.isRefused = true;
      this.#options.log.error(describeRefused(`${program.name} (pid ${program.pid})`));
    }
    return false;
  }

  #noteLate(program: Program): void {
    if (program.isKilled) return;
    program.isKilled = true;
    this.#noteKilled(`${program.name} (pid ${program.pid})`, program.order.waitMs);
  }

  #noteKilled(what: string, waitMs: number): void {
    const text = `${what} was killed after its grace of ${waitMs / 1000} s`;
    this.#killed.push(text);
    this.#options.log.warn(text);
  }

  async #advanceFamily(program: Program, nowMs: number): Promise<boolean> {
    const { name, order: { signal, waitMs, asGroup }, pid, told, sinceMs } = program;
    const remains = await this.#options.programs.findProcesses(name);
    // Those who clean up after the others end by themselves; at the end they are waited for.
    const left = remains?.filter((process) => process.pid !== pid && !isCleaner(process.pid)) ?? [];
    if (left.length === 0) {
      program.isDone = true;
      return false;
    }
    const leftMs = Math.max(0, sinceMs + waitMs - nowMs);
    const untold = left.filter((process) => !told.has(keyOf(process)));
    for (const process of untold) told.add(keyOf(process));
    // A leader that was killed had no grace to share.
    if (leftMs === 0 || program.isKilled) {
      const refused = left.filter(({ pid }) => trySignal(pid, "SIGKILL") === "refused");
      program.isDone = true;
      if (refused.length > 0) {
        this.#refused.push(describeRefused(`what ${name} left, ${renderProcesses(refused)},`));
      } else if (!program.isKilled) {
        this.#noteKilled(`what ${name} left, ${renderProcesses(left)},`, waitMs);
      }
      return false;
    }
    const silent = untold.filter(({ groupId }) => !(asGroup && groupId === pid));
    for (const process of silent) sendSignal(process.pid, signal);
    if (silent.length > 0) {
      this.#options.log.info(
        `${name} has ended and left ${renderProcesses(silent)}: ${signal} is sent, ` +
          `${(leftMs / 1000).toFixed(1)} s of its grace are left`,
      );
    }
    return true;
  }
}
