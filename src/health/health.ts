/**
 * Asks the engine whether it works, as Kubernetes' startup and liveness probes do.
 *
 * A startup phase lasts until the first success; failures count only after it. From then on so many
 * failures in a row make the engine unhealthy.
 *
 * Permissions: `--allow-net` of the probe's host, or `--allow-run` of its command.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
 * @module
 */
import { errorText } from "../log/error_text.ts";

/** Asks once. Resolves to `undefined` when healthy, else to the reason. */
export type Probe = (signal: AbortSignal) => Promise<string | undefined>;

/** How often to ask and what to make of the answers. */
export interface HealthOptions {
  /** Asks once. */
  readonly probe: Probe;
  /** Between two questions once started, ms. */
  readonly periodMs: number;
  /** How long one answer may take, ms. */
  readonly timeoutMs: number;
  /** So many failures in a row are one too many. */
  readonly failureThreshold: number;
  /** For how long we have not run so far, ms: a probe that was frozen with us tells nothing. */
  readonly lostMs: () => number;
  /** Called when the engine became ready or unhealthy. */
  readonly onChange: () => void;
  /** Called with the reason of a failure that differs from the one before. */
  readonly onFailure: (reason: string) => void;
}

/** Between two questions before the first success, ms: "ready" should be known when it is so. */
const STARTUP_PERIOD_MS = 500;

/** What is known of the engine's health. */
export interface HealthStatus {
  /** Whether it has ever answered well in this run. */
  readonly isReady: boolean;
  /** Why it is unhealthy. */
  readonly unhealthy: string | undefined;
}

const UNKNOWN: HealthStatus = { isReady: false, unhealthy: undefined };

/** Watches the health of one engine over its runs. */
export class HealthMonitor {
  readonly #options: HealthOptions;
  #run = "";
  #stop: AbortController | undefined;
  #status: HealthStatus = UNKNOWN;

  /** @param options How often to ask and what to make of the answers. */
  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** What is known of the run that is followed. */
  get status(): HealthStatus {
    return this.#status;
  }

  /**
   * Follows a run of the engine; another one begins with a new startup phase.
   *
   * @param run What tells the run from others, e.g. its pid; empty when the engine does not run.
   */
  follow(run: string): void {
    if (run === this.#run) return;
    this.close();
    this.#run = run;
    this.#status = UNKNOWN;
    if (run === "") return;
    this.#stop = new AbortController();
    this.#ask(this.#stop.signal);
  }

  /** Stops asking. */
  close(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#run = "";
  }

  async #ask(stop: AbortSignal): Promise<void> {
    const { periodMs, failureThreshold, lostMs, onChange, onFailure } = this.#options;
    let failures = 0;
    let lastReason: string | undefined;
    while (!stop.aborted) {
      const lostBeforeMs = lostMs();
      const reason = await this.#askOnce(stop);
      if (stop.aborted) return;
      if (reason !== undefined && lostMs() !== lostBeforeMs) continue;
      if (reason !== undefined && reason !== lastReason) onFailure(reason);
      lastReason = reason;
      if (reason === undefined) {
        failures = 0;
        if (!this.#status.isReady) {
          this.#status = { isReady: true, unhealthy: undefined };
          onChange();
        }
      } else if (this.#status.isReady && ++failures >= failureThreshold) {
        this.#status = {
          isReady: true,
          unhealthy: `${failures} failed probes in a row, the last: ${reason}`,
        };
        onChange();
        return;
      }
      await pause(this.#status.isReady ? periodMs : Math.min(periodMs, STARTUP_PERIOD_MS), stop);
    }
  }

  async #askOnce(stop: AbortSignal): Promise<string | undefined> {
    const timeout = AbortSignal.timeout(this.#options.timeoutMs);
    try {
      return await this.#options.probe(AbortSignal.any([stop, timeout]));
    } catch (error) {
      if (timeout.aborted) return `no answer within ${this.#options.timeoutMs / 1000} s`;
      return errorText(error);
    }
  }
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const abort = () => {
    clearTimeout(timer);
    resolve();
  };
  stop.addEventListener("abort", abort, { once: true });
  return promise.finally(() => stop.removeEventListener("abort", abort));
}
