/**
 * Asks the engine whether it works, as Kubernetes' startup and liveness probes do.
 *
 * A startup phase lasts until the first success; failures count only after it. From then on so many
 * failures in a row make the engine unhealthy, unless it is seen to work meanwhile.
 *
 * Permissions: `--allow-net` of the probe's host, or `--allow-run` of its command.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
 * @module
 */
import { askInTime, describeFailure, pause, type RunWatch } from "./asking.ts";

/** Asks once. Resolves to `undefined` when healthy, else to the reason. */
export type Probe = (signal: AbortSignal) => Promise<string | undefined>;

/** How often to ask and what to make of the answers. */
export interface HealthOptions {
  /** Asks once. */
  readonly probe: Probe;
  /**
   * Asks in the startup phase.
   *
   * @default {probe}
   */
  readonly startProbe?: Probe | undefined;
  /** Between two questions once started, ms. */
  readonly periodMs: number;
  /** How long one answer may take, ms. */
  readonly timeoutMs: number;
  /** So many failures in a row are one too many. */
  readonly failureThreshold: number;
  /** Whether the engine works anyway, asked after a failure; `undefined` where that cannot be told. */
  readonly isBusy: ((stop: AbortSignal) => Promise<boolean>) | undefined;
  /** For how long we have not run so far, ms: a probe that was frozen with us tells nothing. */
  readonly lostMs: () => number;
  /** Called when the engine became ready or unhealthy. */
  readonly onChange: () => void;
  /** Called with an answer that differs from the one before: the reason of a failure, else `undefined`. */
  readonly onAnswer: (reason: string | undefined) => void;
  /** Called with the reason of a failure that does not count, since the engine works. */
  readonly onExcuse: (reason: string) => void;
}

/** Between two questions before the first success, ms: "ready" should be known when it is so. */
export const STARTUP_PERIOD_MS = 500;

/** What is known of the engine's health. */
export interface HealthStatus {
  /** Whether it has ever answered well in this run. */
  readonly isReady: boolean;
  /** Why it is unhealthy. */
  readonly unhealthy: string | undefined;
}

const UNKNOWN: HealthStatus = { isReady: false, unhealthy: undefined };

/** Watches the health of one engine over its runs. */
export class HealthMonitor implements RunWatch {
  readonly #options: HealthOptions;
  #status: HealthStatus = UNKNOWN;
  #failures = 0;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** What is known of the run that is followed. */
  get status(): HealthStatus {
    return this.#status;
  }

  /** Failed probes of engines that had started, over all runs. */
  get failures(): number {
    return this.#failures;
  }

  begin(stop: AbortSignal): Promise<void> {
    this.#status = UNKNOWN;
    return this.#ask(stop);
  }

  async #ask(stop: AbortSignal): Promise<void> {
    const { periodMs, failureThreshold, lostMs, isBusy, onChange, onAnswer, onExcuse } =
      this.#options;
    let failures = 0;
    let lastReason: string | undefined | null = null; // Nothing was answered yet.
    while (!stop.aborted) {
      const lostBeforeMs = lostMs();
      const reason = await this.#askOnce(stop);
      if (stop.aborted) return;
      if (reason !== undefined && lostMs() !== lostBeforeMs) continue;
      if (reason !== lastReason) onAnswer(reason);
      lastReason = reason;
      if (reason === undefined) {
        failures = 0;
        if (!this.#status.isReady) {
          this.#status = { isReady: true, unhealthy: undefined };
          onChange();
        }
      } else if (this.#status.isReady) {
        this.#failures++;
        const isExcused = await isBusy?.(stop) ?? false;
        if (stop.aborted) return;
        if (isExcused) onExcuse(reason);
        failures = isExcused ? 0 : failures + 1;
        if (failures >= failureThreshold) {
          this.#status = {
            isReady: true,
            unhealthy: `${failures} failed probes in a row, the last: ${reason}`,
          };
          onChange();
          return;
        }
      }
      await pause(this.#status.isReady ? periodMs : Math.min(periodMs, STARTUP_PERIOD_MS), stop);
    }
  }

  async #askOnce(stop: AbortSignal): Promise<string | undefined> {
    const { probe, startProbe = probe, timeoutMs } = this.#options;
    const ask = this.#status.isReady ? probe : startProbe;
    const asked = await askInTime(ask, timeoutMs, stop);
    return "error" in asked ? describeFailure(asked, timeoutMs) : asked.answer;
  }
}
