/**
 * What is asked of the engine itself, over its runs: whether it has started, works, makes progress.
 *
 * What asks is loaded once the engine was spawned, and only where there may be something to ask.
 *
 * @module
 */
import { detach } from "../log/detach.ts";
import { errorText } from "../log/error_text.ts";
import type { Observation, Unhealthiness } from "../policy/observation.ts";
import type { ProbeCounts } from "../status/metrics.ts";
import { isJudged } from "../configuration/health_choice.ts";
import { mayAskStart, type WatchNeeds } from "./watch_needs.ts";
import type { WatchParts } from "./watch_parts.ts";

/** Asks the engine. */
export class EngineWatch {
  readonly #needs: WatchNeeds;
  #parts: WatchParts | undefined;
  #loading: Promise<void> | undefined;
  #run = "";
  #stop: AbortController | undefined;

  constructor(needs: WatchNeeds) {
    this.#needs = needs;
  }

  /** What was asked, over all runs. */
  get counts(): ProbeCounts {
    const { health, canary } = this.#parts ?? {};
    return {
      probeFailures: health?.failures ?? 0,
      canaries: canary?.sent ?? 0,
      canaryFailures: canary?.failures ?? 0,
    };
  }

  /**
   * Loads what asks, so that it is known what can be asked: to be called before a run is followed, or the
   * end of one is told that nobody saw. It takes some 20 ms, once.
   */
  load(): Promise<void> {
    return this.#loading ??= this.#load();
  }

  /** Follows a run of the engine; another one is asked from the beginning. */
  follow(pids: readonly number[]): void {
    const run = pids.join(" ");
    if (run === this.#run) return;
    this.close();
    this.#run = run;
    if (run === "" || this.#parts === undefined) return;
    this.#stop = new AbortController();
    const { start, health, progress, canary } = this.#parts;
    const { signal } = this.#stop;
    for (const part of [start, health, progress, canary]) {
      if (part !== undefined) detach(part.begin(signal), "watching the engine", this.#needs.log);
    }
  }

  /** Asks whether no request runs now. */
  async askIdle(): Promise<boolean | undefined> {
    const stop = this.#stop?.signal;
    return stop === undefined ? undefined : await this.#parts?.progress?.isIdle(stop);
  }

  /** Stops asking. */
  close(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#run = "";
  }

  /**
   * What is known of the run that is followed; whether it loads, of one that has just ended too.
   */
  observe(names: ReadonlySet<string>): Pick<Observation, "ready" | "loading" | "unhealthy"> {
    const { settings } = this.#needs.configuration;
    const isFollowed = this.#run !== "";
    const isReady = isFollowed && this.#parts?.health?.status.isReady === true;
    const unhealthy = isFollowed ? this.#findUnhealthy() : undefined;
    return {
      ready: !isJudged(settings) ? undefined : isReady ? names : new Set(),
      loading: this.#parts?.start?.isLoading === true ? names : undefined,
      unhealthy: unhealthy === undefined
        ? undefined
        : new Map([...names].map((name) => [name, unhealthy])),
    };
  }

  #findUnhealthy(): Unhealthiness | undefined {
    const { health, progress, canary } = this.#parts ?? {};
    const hang = progress?.unhealthy ?? canary?.unhealthy;
    if (hang !== undefined) return { reason: hang, cause: "hang" };
    const reason = health?.status.unhealthy;
    return reason === undefined ? undefined : { reason, cause: undefined };
  }

  async #load(): Promise<void> {
    if (!asksAnything(this.#needs)) return;
    try {
      const { createWatchParts } = await import("./watch_parts.ts");
      this.#parts = createWatchParts(this.#needs, () => Number.parseInt(this.#run, 10));
    } catch (error) {
      // The engine runs on: what cannot be asked is not known.
      this.#needs.log.error(`Cannot watch the engine: ${errorText(error)}`);
    }
  }
}

function asksAnything(needs: WatchNeeds): boolean {
  const { settings } = needs.configuration;
  return isJudged(settings) || mayAskStart(needs) || settings.progressTimeoutSecs > 0 ||
    settings.canaryPeriodSecs > 0 || settings.maxEngineMemory.kind !== "none";
}
