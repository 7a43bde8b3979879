/**
 * Watches how much memory the engine uses, and has it recycled past its limit.
 *
 * @module
 */
import { detach } from "../log/detach.ts";
import { readMemoryLimit } from "../linux/cgroup.ts";
import type { Logger } from "../log/logger.ts";
import type { MemoryLimit } from "../policy/engine_state.ts";
import type { MemoryUse, ProcessObservation } from "../policy/observation.ts";
import { readOwnMemory } from "../linux/own_memory.ts";
import type { ProcessEntry } from "../linux/process_table.ts";
import type { MemoryAmount } from "../configuration/setting_values.ts";

/** Past its limit by so much the engine is recycled whatever it does. */
const HARD_PART = 1.1;

/** So much of the container's memory is left for what is not the engine's own. */
const CONTAINER_PART = 0.98;

/** Works out what an amount means here. */
export function findMemoryLimit(
  amount: MemoryAmount,
  container: number | undefined,
): MemoryLimit | undefined {
  if (amount.kind === "none") return undefined;
  if (amount.kind === "percent" && container === undefined) return undefined;
  const limitBytes = amount.kind === "bytes"
    ? amount.bytes
    : Math.round((container ?? 0) * amount.percent / 100);
  const mostBytes = (container ?? Infinity) * CONTAINER_PART;
  const hardBytes = Math.round(Math.min(limitBytes * HARD_PART, mostBytes));
  return { limitBytes, hardBytes: Math.max(limitBytes, hardBytes) };
}

/** What watching needs. */
export interface MemoryWatchOptions {
  /** `PROCESS_MAX_ENGINE_MEMORY`. */
  readonly amount: MemoryAmount;
  /** The engine's processes, `group:process` each. */
  readonly names: ReadonlySet<string>;
  /** Finds the living processes of a program. */
  readonly findProcesses: (name: string) => Promise<readonly ProcessEntry[] | undefined>;
  /** Whether no request runs; `undefined` where that cannot be told. */
  readonly isIdle: () => Promise<boolean | undefined>;
  /** Called where one is past its limit. */
  readonly onChange: () => void;
  /** Receives log lines. */
  readonly log: Logger;
}

/** The first look, and between two, ms: memory that leaks grows slowly, and a look costs 1 ms or so. */
const POLL_INTERVAL_MS = { first: 2_000, later: 10_000, past: 1_000 } as const;

interface Seen {
  readonly pids: ReadonlySet<number>;
  readonly usedBytes: number;
  readonly isIdle: boolean | undefined;
}

/** Looks rarely. */
export class MemoryWatch {
  readonly #options: MemoryWatchOptions;
  readonly #seen = new Map<string, Seen>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  /** What the engine may use; `undefined` where that is not limited. */
  readonly limit: MemoryLimit | undefined;

  constructor(options: MemoryWatchOptions) {
    this.#options = options;
    const container = readMemoryLimit();
    this.limit = findMemoryLimit(options.amount, container?.bytes);
    if (this.limit === undefined) {
      options.log.warn(
        "Cannot read how much memory there is: PROCESS_MAX_ENGINE_MEMORY is ignored",
      );
      return;
    }
    const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
    const whose = container?.isOwn ? "the container may use" : "the machine has";
    const rest = container === undefined ? "" : `; ${whose} ${gib(container.bytes)}`;
    options.log.info(
      `the engine is recycled past ${gib(this.limit.limitBytes)} once it is idle, past ` +
        `${gib(this.limit.hardBytes)} in any case${rest}`,
    );
    this.#schedule(POLL_INTERVAL_MS.first);
  }

  /**
   * Tells what each of the engine's processes used when it was last looked at in its present run.
   */
  read(processes: readonly ProcessObservation[]): ReadonlyMap<string, MemoryUse> {
    const use = new Map<string, MemoryUse>();
    for (const { name, status } of processes) {
      const seen = this.#seen.get(name);
      if (status.kind !== "alive" || seen === undefined || !seen.pids.has(status.pid)) continue;
      use.set(name, { usedBytes: seen.usedBytes, isIdle: seen.isIdle });
    }
    return use;
  }

  /** Looks no more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #schedule(afterMs: number): void {
    this.#timer = setTimeout(
      () => detach(this.#lookAgain(), "reading the engine's memory", this.#options.log),
      afterMs,
    );
  }

  async #lookAgain(): Promise<void> {
    let isPast = false;
    try {
      isPast = await this.#look();
    } finally {
      // Past its limit it is recycled in the first idle moment.
      if (!this.#isClosed) this.#schedule(isPast ? POLL_INTERVAL_MS.past : POLL_INTERVAL_MS.later);
    }
  }

  async #look(): Promise<boolean> {
    const { names, findProcesses, isIdle, onChange } = this.#options;
    let isPast = false;
    for (const name of names) {
      const processes = await findProcesses(name);
      const usedBytes = processes === undefined ? undefined : await readOwnMemory(processes);
      if (processes === undefined || usedBytes === undefined) {
        this.#seen.delete(name);
        continue;
      }
      const isHere = usedBytes > (this.limit?.limitBytes ?? Infinity);
      this.#seen.set(name, {
        pids: new Set(processes.map(({ pid }) => pid)),
        usedBytes,
        isIdle: isHere ? await isIdle() : undefined,
      });
      isPast ||= isHere;
    }
    if (isPast) onChange();
    return isPast;
  }
}
