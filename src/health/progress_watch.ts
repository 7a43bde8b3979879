/**
 * Scrapes the engine's metrics, to see whether it works or hangs.
 *
 * Permissions: `--allow-net` of the metrics' host.
 *
 * @module
 */
import type { MetricsQuestion } from "../engines/engine_plan.ts";
import { askInTime, describeFailure, pause, type RunWatch } from "./asking.ts";
import { askHttp } from "./http_client.ts";
import {
  findStallMs,
  noteScrape,
  type ProgressState,
  readScrape,
  type Scrape,
  UNREAD,
} from "./engine_progress.ts";

/** What to watch. */
export interface ProgressOptions extends MetricsQuestion {
  /** How long one answer may take, ms. */
  readonly timeoutMs: number;
  /** How long requests may run while nothing moves, ms; `undefined` to ask only when somebody wants to know. */
  readonly stallMs: number | undefined;
  /** Whether it is known that the engine is asked, and not who held its port before. */
  readonly mayAsk: () => Promise<boolean>;
  /** A clock that stands still while we do not run, ms. */
  readonly clock: () => number;
  /** Called when it hangs. */
  readonly onChange: () => void;
  /** Called with the reason of a failure that differs from the one before. */
  readonly onFailure: (reason: string) => void;
}

/** An answer longer than this is cut off, and tells nothing, MiB. */
const MAX_MIB = 8;

/** Between two scrapes, ms: at least so many in the time that makes a hang, so that it is seen in time. */
const PERIOD_MS = { min: 250, max: 5_000 } as const;
const SCRAPES_A_STALL = 5;

/** Between two scrapes that are to show a movement, ms. */
const GLANCE_MS = 1_000;

/** Watches the progress of one engine over its runs. */
export class ProgressWatch implements RunWatch {
  readonly #options: ProgressOptions;
  #state: ProgressState = UNREAD;
  #unhealthy: string | undefined;
  #lastFailure: string | undefined;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Why the engine is unhealthy. */
  get unhealthy(): string | undefined {
    return this.#unhealthy;
  }

  begin(stop: AbortSignal): Promise<void> {
    this.#state = UNREAD;
    this.#unhealthy = undefined;
    const { stallMs } = this.#options;
    return stallMs === undefined ? Promise.resolve() : this.#watch(stallMs, stop);
  }

  /** Asks whether the engine makes progress now. */
  async isMoving(stop: AbortSignal, recentMs: number): Promise<boolean> {
    const { clock } = this.#options;
    const { readMs } = this.#state;
    if (!await this.scrape(stop)) return false;
    const ageMs = readMs === undefined ? Infinity : clock() - readMs;
    if (readMs !== undefined && ageMs <= recentMs) {
      if (this.#hasMovedSince(readMs)) return true;
      if (ageMs >= GLANCE_MS) return false;
    }
    const glancedMs = clock();
    await pause(GLANCE_MS, stop);
    await this.scrape(stop);
    return this.#hasMovedSince(glancedMs);
  }

  /** Asks whether no request runs now. */
  async isIdle(stop: AbortSignal): Promise<boolean | undefined> {
    if (!await this.scrape(stop)) return undefined;
    return [...this.#state.groups.values()].every(({ isRunning }) => !isRunning);
  }

  /**
   * Records where everything stands. Others may do so meanwhile, and see what has moved before us.
   */
  async scrape(stop: AbortSignal): Promise<boolean> {
    if (stop.aborted) return false;
    const scrape = await this.#ask(stop);
    if (stop.aborted) return false;
    this.#state = noteScrape(this.#state, scrape, this.#options.clock());
    return scrape.kind === "read";
  }

  #hasMovedSince(ms: number): boolean {
    const { movedMs } = this.#state;
    return movedMs !== undefined && movedMs > ms;
  }

  async #watch(stallMs: number, stop: AbortSignal): Promise<void> {
    const { onChange, progress } = this.#options;
    const periodMs = Math.min(PERIOD_MS.max, Math.max(PERIOD_MS.min, stallMs / SCRAPES_A_STALL));
    while (!stop.aborted) {
      await this.scrape(stop);
      if (stop.aborted) return;
      const stalledMs = findStallMs(this.#state);
      if (stalledMs >= stallMs) {
        this.#unhealthy =
          `no progress for ${(stalledMs / 1000).toFixed(1)} s while requests run: ` +
          `${progress.join(", ")} stand still`;
        onChange();
        return;
      }
      await pause(periodMs, stop);
    }
  }

  async #ask(stop: AbortSignal): Promise<Scrape> {
    const { url, bearer, timeoutMs, answeredByWorker, mayAsk } = this.#options;
    if (!await mayAsk()) return { kind: "failed" };
    const ask = (signal: AbortSignal) =>
      askHttp(new URL(url), { signal, bearer, mostBytes: MAX_MIB * 1024 * 1024 });
    const asked = await askInTime(ask, timeoutMs, stop);
    if ("error" in asked) {
      this.#noteFailure(stop, describeFailure(asked, timeoutMs));
      return { kind: asked.isLate && answeredByWorker === true ? "stuck" : "failed" };
    }
    const { status, body, isCut } = asked.answer;
    if (status < 200 || status >= 300) {
      this.#noteFailure(stop, `HTTP status ${status}`);
      return { kind: "failed" };
    }
    if (isCut) {
      // What moves may be in the rest.
      this.#noteFailure(stop, `more than ${MAX_MIB} MiB`);
      return { kind: "failed" };
    }
    const scrape = readScrape(body, this.#options);
    this.#noteFailure(
      stop,
      scrape.kind === "failed" ? `none of ${this.#options.running.join(", ")}` : undefined,
    );
    return scrape;
  }

  #noteFailure(stop: AbortSignal, reason: string | undefined): void {
    if (stop.aborted) return;
    if (reason !== undefined && reason !== this.#lastFailure) this.#options.onFailure(reason);
    this.#lastFailure = reason;
  }
}
