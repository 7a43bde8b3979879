/**
 * Progress on what may take long in a run: an engine that loads, and a stop of everything. When each ends is
 * said by others.
 *
 * @module
 */
import { renderDuration } from "../formats/duration.ts";
import { LongWait } from "../host/long_wait.ts";
import { maskText } from "../formats/secrets.ts";
import { SHORT_WAIT_MS } from "../log/progress.ts";
import type { Limits } from "../status/instance.ts";
import type { EngineStatus, SupervisionStatus } from "../status/status.ts";
import type { LaunchRun } from "./launch_run.ts";

/** What a wait may last. */
export interface ProgressLimits {
  /** The limits of every managed process. */
  readonly limits: ReadonlyMap<string, Limits>;
  /** How long a stop of everything may take, ms. */
  readonly shutdownGraceMs?: number | undefined;
}

/** Follows a launch and says what still goes on. */
export class Progress {
  readonly #run: LaunchRun;
  readonly #limits: ProgressLimits;
  readonly #waits = new Map<string, LongWait>();
  #isClosed = false;

  constructor(run: LaunchRun, limits: ProgressLimits) {
    this.#run = run;
    this.#limits = limits;
    run.follow((_, status) => this.#update(status));
    this.#update(run.status);
  }

  #update(status: SupervisionStatus): void {
    if (this.#isClosed) return;
    const isStopping = status.phase === "stopping";
    const loading = isStopping ? [] : status.engines.filter(({ state }) => state === "loading");
    const keys = new Set([...loading.map(keyOf), ...(isStopping ? ["stopping"] : [])]);
    for (const [key, wait] of this.#waits) {
      if (keys.has(key)) continue;
      wait.end();
      this.#waits.delete(key);
    }
    for (const engine of loading) {
      if (!this.#waits.has(keyOf(engine))) this.#waits.set(keyOf(engine), this.#load(engine));
    }
    if (isStopping && !this.#waits.has("stopping")) {
      const limitMs = this.#limits.shutdownGraceMs;
      this.#waits.set(
        "stopping",
        new LongWait({ what: "still stopping", limitMs, log: this.#run.log }),
      );
    }
  }

  #load({ name, pid }: EngineStatus): LongWait {
    const { log } = this.#run;
    const { startMs, startupTimeoutMs } = this.#limits.limits.get(name) ?? {};
    const limitMs = startupTimeoutMs ?? startMs;
    if (limitMs !== undefined && limitMs >= SHORT_WAIT_MS) {
      const until = startupTimeoutMs === undefined
        ? `counts as started after ${renderDuration(limitMs)}`
        : `has ${renderDuration(limitMs)} to its first good probe`;
      log.info(`${name} (pid ${pid}) loads: it ${until}`, {
        ...{ event: "progress", program: name, pid },
      });
    }
    const detail = () => {
      const reason = this.#run.status.probe?.reason;
      return reason === undefined ? undefined : `its probe: ${maskText(reason)}`;
    };
    return new LongWait({ what: `${name} (pid ${pid}) still loads`, limitMs, detail, log });
  }

  /** Says no more. */
  close(): void {
    this.#isClosed = true;
    for (const wait of this.#waits.values()) wait.end();
    this.#waits.clear();
  }
}

/** A run has one load. */
function keyOf({ name, starts }: EngineStatus): string {
  return `${name} ${starts}`;
}
