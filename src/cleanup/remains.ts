/**
 * Clears the way for the next engine: kills what the last one left, waits for the GPU, says so.
 *
 * @module
 */
import { LongWait } from "../host/long_wait.ts";
import type { Logger } from "../log/logger.ts";
import { waitForGpu } from "./gpu_gate.ts";
import type { ProcessEntry } from "../linux/process_table.ts";
import type { ProcessWatch } from "../processes/process_watch.ts";
import type { SweepResult } from "../processes/sweep.ts";

/** Names processes for a message: `2 processes (pids 7, 8)`. */
export function renderProcesses(processes: readonly ProcessEntry[]): string {
  const pids = processes.map(({ pid }) => pid).join(", ");
  const count = processes.length;
  return count === 1 ? `1 process (pid ${pids})` : `${count} processes (pids ${pids})`;
}

/** What clearing up needs. */
export interface RemainsOptions {
  /** The programs. */
  readonly programs: ProcessWatch;
  /** How long to wait for the GPU, ms. */
  readonly gpuTimeoutMs: number;
  /** Reaps what has been killed, so that a limit of processes does not starve the next engine. */
  readonly reap: () => void;
  /** Clears what else is in the way of a program's next start, once it is swept and reaped. */
  readonly clearWay?: ((name: string, swept: SweepResult) => Promise<void>) | undefined;
  /** The same at the end, when nothing is to start any more. */
  readonly clearRest?: (() => Promise<void>) | undefined;
  /** Receives log lines. */
  readonly log: Logger;
}

/** Clears up after programs. */
export class Remains {
  readonly #options: RemainsOptions;

  constructor(options: RemainsOptions) {
    this.#options = options;
  }

  /** Clears up after one dead process; when it is done, the next may start. */
  async clearAfter(name: string, onSwept: () => void): Promise<number> {
    const result = await this.#options.programs.sweep(name);
    onSwept();
    this.#report(name, result);
    if (result.killed.length > 0) await this.#waitForGpu(name, result.killed);
    this.#options.reap();
    await this.#options.clearWay?.(name, result);
    return result.killed.length;
  }

  /** Kills everything that still lives; for the end. */
  async clearAll(): Promise<void> {
    this.#report("the engine", await this.#options.programs.sweepAll());
    this.#options.reap();
    await this.#options.clearRest?.();
  }

  #report(name: string, { killed, left, isRefused = false }: SweepResult): void {
    const { log } = this.#options;
    if (killed.length > 0) {
      log.warn(`killed ${renderProcesses(killed)} that ${name} left behind`, {
        ...{ event: "swept", program: name, orphans: killed.length },
      });
    }
    if (left.length === 0) return;
    const why = isRefused ? "may not be signalled (EPERM), and live on" : "would not die";
    log.error(`${renderProcesses(left)} of ${name} ${why}`);
  }

  async #waitForGpu(name: string, killed: readonly ProcessEntry[]): Promise<void> {
    const { gpuTimeoutMs, log } = this.#options;
    let wait: LongWait | undefined;
    const { waitedMs, holders } = await waitForGpu(killed, gpuTimeoutMs, (waitedFor) => {
      log.info(
        `${name} starts again when ${renderProcesses(waitedFor)} let go of the GPU, ` +
          `after ${gpuTimeoutMs / 1000} s at most`,
      );
      wait = new LongWait({ what: `${name} still waits for the GPU`, limitMs: gpuTimeoutMs, log });
    }).finally(() => wait?.end());
    if (wait === undefined) return;
    if (holders.length > 0) {
      const seconds = (waitedMs / 1000).toFixed(1);
      log.warn(
        `starting ${name} though ${renderProcesses(holders)} held the GPU for ${seconds} s`,
      );
    } else {
      log.info(`the GPU is free after ${(waitedMs / 1000).toFixed(1)} s: starting ${name}`);
    }
  }
}
