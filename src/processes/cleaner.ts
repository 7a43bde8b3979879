/**
 * Clears the way for the next engine: kills what the last one left, waits for the GPU, says so.
 *
 * @module
 */
import type { ProcessWatch } from "./process_watch.ts";
import { waitForGpu } from "./gpu_gate.ts";
import type { Logger } from "../log/logger.ts";
import type { ProcessEntry } from "./process_table.ts";
import type { SweepResult } from "./sweep.ts";

function render(processes: readonly ProcessEntry[]): string {
  const pids = processes.map(({ pid }) => pid).join(", ");
  const count = processes.length;
  return count === 1 ? `1 process (pid ${pids})` : `${count} processes (pids ${pids})`;
}

/** Cleans up after the engine's processes. */
export class Cleaner {
  readonly #engines: ProcessWatch;
  readonly #gpuTimeoutMs: number;
  readonly #log: Logger;

  /**
   * @param engines The engine's processes.
   * @param gpuTimeoutMs How long to wait for the GPU, ms.
   * @param log Takes what is to be said.
   */
  constructor(engines: ProcessWatch, gpuTimeoutMs: number, log: Logger) {
    this.#engines = engines;
    this.#gpuTimeoutMs = gpuTimeoutMs;
    this.#log = log;
  }

  /**
   * Cleans up after one dead process; when it is done, the next may start.
   *
   * @param name `group:process`.
   * @param lastPid Its last pid as supervisord's log tells it.
   */
  async cleanAfter(name: string, lastPid: number | undefined): Promise<void> {
    const result = await this.#engines.sweep(name, lastPid);
    this.#report(name, result);
    if (result.killed.length > 0) await this.#waitForGpu(name, result.killed);
  }

  /** Kills everything that still lives; for the end. */
  async cleanAll(): Promise<void> {
    this.#report("the engine", await this.#engines.sweepAll());
  }

  #report(name: string, { killed, left }: SweepResult): void {
    if (killed.length > 0) {
      this.#log.warn(`killed ${render(killed)} that ${name} left behind`, {
        orphans: killed.length,
      });
    }
    if (left.length > 0) this.#log.error(`${render(left)} of ${name} would not die`);
  }

  async #waitForGpu(name: string, killed: readonly ProcessEntry[]): Promise<void> {
    const { waitedMs, holders } = await waitForGpu(killed, this.#gpuTimeoutMs, (waitedFor) => {
      this.#log.info(
        `${name} starts again when ${render(waitedFor)} let go of the GPU, ` +
          `after ${this.#gpuTimeoutMs / 1000} s at most`,
      );
    });
    if (holders.length > 0) {
      const seconds = (waitedMs / 1000).toFixed(1);
      this.#log.warn(`starting ${name} though ${render(holders)} held the GPU for ${seconds} s`);
    }
  }
}
