/**
 * Learns why runs die, while what tells is still there: once a run, before anything is decided about it.
 *
 * @module
 */
import type { Exit } from "../formats/exit.ts";
import { errorText } from "../log/error_text.ts";
import type { Logger } from "../log/logger.ts";
import type { Death } from "../policy/cause.ts";

/** What is known of a run while it lives. */
interface Life {
  readonly pid: number;
  /** How often the OOM killer had struck when it was first seen. */
  readonly oomKills: number | undefined;
}

/** What an inquest needs. */
export interface InquestOptions {
  /** What a process wrote last, oldest first; none where that is not kept. */
  readonly readLines: (name: string) => Promise<readonly string[]>;
  /** Who else holds the engine's port, in words; `undefined` where nobody does or it cannot be seen. */
  readonly findPortHolder: (name: string) => Promise<string | undefined>;
  /** Where the run keeps its files. */
  readonly directory: string;
  /** Takes what is to be said. */
  readonly log: Logger;
}

/** The inquests of one launch. */
export class Inquest {
  readonly #options: InquestOptions;
  readonly #lives = new Map<string, Life>();
  readonly #deaths = new Map<string, Death>();
  readonly #condemned = new Set<string>();
  /** What explains is not needed for a start. */
  #autopsy: Promise<typeof import("./autopsy.ts")> | undefined;

  /** @param options What it needs. */
  constructor(options: InquestOptions) {
    this.#options = options;
  }

  /** Why those that are dead have died. */
  get deaths(): ReadonlyMap<string, Death> {
    return this.#deaths;
  }

  /**
   * Takes note that a process lives.
   *
   * @param name `group:process`.
   * @param pid Its pid.
   * @param oomKills How often the OOM killer has struck so far.
   */
  noteAlive(name: string, pid: number, oomKills: number | undefined): void {
    if (this.#lives.get(name)?.pid === pid) return;
    this.#lives.set(name, { pid, oomKills });
    this.#deaths.delete(name);
    this.#condemned.delete(name);
    this.#autopsy ??= import("./autopsy.ts");
  }

  /** Takes note that a process is being stopped since it hangs. */
  noteCondemned(name: string): void {
    this.#condemned.add(name);
  }

  /**
   * Learns why a process died.
   *
   * @param name `group:process`.
   * @param exit How it ended; `undefined` where it was stopped.
   * @param oomKills How often the OOM killer has struck so far.
   */
  async hold(name: string, exit: Exit | undefined, oomKills: number | undefined): Promise<void> {
    const { readLines, findPortHolder, directory, log } = this.#options;
    const before = this.#lives.get(name)?.oomKills;
    this.#lives.delete(name);
    try {
      this.#autopsy ??= import("./autopsy.ts");
      const { explainRun } = await this.#autopsy;
      const death = explainRun({
        lines: await readLines(name),
        exit,
        wasCondemned: this.#condemned.has(name),
        oomKills: before === undefined || oomKills === undefined ? undefined : oomKills - before,
        directory,
      });
      // To look for it takes a while where there are many processes.
      const portHolder = death.cause === "port_in_use" ? await findPortHolder(name) : undefined;
      this.#deaths.set(name, { ...death, portHolder });
    } catch (error) {
      // The engine is restarted all the same.
      log.error(`Cannot learn why ${name} died: ${errorText(error)}`);
    }
  }
}
