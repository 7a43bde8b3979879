/**
 * Sends an engine that is idle small requests, to see whether it still answers them.
 *
 * Permissions: `--allow-net` of the engine's port, or `--allow-run` of the command.
 *
 * @module
 */
import type { CanaryQuestion } from "../engines/engine_plan.ts";
import { askInTime, describeFailure, pause, type RunWatch } from "./asking.ts";
import {
  type CanaryResult,
  type CanaryState,
  NO_CANARY_YET,
  noteCanary,
  readCanaryStatus,
} from "./canary.ts";
import { askHttp } from "./http_client.ts";

/** Sends one canary. */
export type SendCanary = (signal: AbortSignal) => Promise<CanaryResult>;

/** How often to send one and what to make of it. */
export interface CanaryOptions {
  /** Sends one. */
  readonly send: SendCanary;
  /** Between two, ms. */
  readonly periodMs: number;
  /** How long one may take, ms. */
  readonly timeoutMs: number;
  /** So many failures in a row are one too many. */
  readonly failureThreshold: number;
  /** Whether the run may be sent one: it has started, or nothing tells that. */
  readonly isStarted: () => Promise<boolean>;
  /** Whether the run has been seen to serve. */
  readonly hasServed: () => boolean;
  /** Whether the engine makes progress, compared with a scrape that is so old at most, ms. */
  readonly isBusy: ((stop: AbortSignal, recentMs: number) => Promise<boolean>) | undefined;
  /** Called after each, since a canary is progress too. */
  readonly settle: ((stop: AbortSignal) => Promise<unknown>) | undefined;
  /** For how long we have not run so far, ms: a canary that was frozen with us tells nothing. */
  readonly lostMs: () => number;
  /** Called when the engine is unhealthy. */
  readonly onChange: () => void;
  /** Called with the reason of each that is not answered well. */
  readonly onFailure: (reason: string, isRefused: boolean) => void;
}

/** Between two looks whether the run has started, ms. */
const STARTED_EVERY_MS = 500;

/** A list of models longer than this is cut off, and an answer, bytes. */
const MAX_BYTES = 64 * 1024;

/** Sends canaries to one engine over its runs. */
export class CanaryWatch implements RunWatch {
  readonly #options: CanaryOptions;
  #state: CanaryState = NO_CANARY_YET;
  #sent = 0;
  #failures = 0;

  constructor(options: CanaryOptions) {
    this.#options = options;
  }

  /** Why the engine is unhealthy. */
  get unhealthy(): string | undefined {
    return this.#state.unhealthy;
  }

  /** How many were sent, over all runs. */
  get sent(): number {
    return this.#sent;
  }

  /** How many of them failed. */
  get failures(): number {
    return this.#failures;
  }

  begin(stop: AbortSignal): Promise<void> {
    this.#state = NO_CANARY_YET;
    return this.#watch(stop);
  }

  async #watch(stop: AbortSignal): Promise<void> {
    const { periodMs, failureThreshold: threshold, isStarted, hasServed } = this.#options;
    const { onChange, onFailure } = this.#options;
    while (!stop.aborted && !await isStarted()) await pause(STARTED_EVERY_MS, stop);
    while (!stop.aborted) {
      const result = await this.#sendUnlessBusy(stop);
      if (stop.aborted) return;
      this.#state = noteCanary(this.#state, result, { threshold, hasServed: hasServed() });
      if (result.kind === "silent" || result.kind === "failed") this.#failures++;
      if ("reason" in result) onFailure(result.reason, result.kind === "refused");
      if (this.#state.unhealthy !== undefined) onChange();
      if (this.#state.isOff) return;
      await pause(periodMs, stop);
    }
  }

  async #sendUnlessBusy(stop: AbortSignal): Promise<CanaryResult> {
    const { send, periodMs, timeoutMs, isBusy, settle, lostMs } = this.#options;
    if (await isBusy?.(stop, periodMs * 2) ?? false) return { kind: "busy" };
    if (stop.aborted) return { kind: "busy" };
    this.#sent++;
    const lostBeforeMs = lostMs();
    const asked = await askInTime(send, timeoutMs, stop);
    if (stop.aborted) return { kind: "busy" };
    const result: CanaryResult = "answer" in asked ? asked.answer : {
      kind: asked.isLate ? "silent" : "failed",
      reason: describeFailure(asked, timeoutMs),
    };
    if (result.kind === "sang") {
      await settle?.(stop);
      return result;
    }
    // What it waited behind may have been work.
    const isExcused = lostMs() !== lostBeforeMs ||
      await isBusy?.(stop, timeoutMs + periodMs) === true;
    return isExcused && result.kind !== "refused" ? { kind: "busy" } : result;
  }
}

/** Makes a canary that asks for one token. */
export function createHttpCanary(question: CanaryQuestion): SendCanary {
  const { url, modelsUrl, bearer } = question;
  let model: string | undefined;
  return async (signal) => {
    if (modelsUrl !== undefined && model === undefined) {
      const options = { signal, bearer, mostBytes: MAX_BYTES };
      const { status, body } = await askHttp(new URL(modelsUrl), options);
      const result = readCanaryStatus(status);
      if (result.kind !== "sang") return result;
      model = readModel(body);
      if (model === undefined) {
        return { kind: "refused", reason: `${modelsUrl} names no model` };
      }
    }
    const json = model === undefined ? question.json : { ...question.json, model };
    const { status } = await askHttp(new URL(url), { signal, bearer, json, mostBytes: MAX_BYTES });
    return readCanaryStatus(status);
  };
}

/** The first model of `{"data": [{"id": …}]}`. */
function readModel(text: string): string | undefined {
  try {
    const id: unknown = JSON.parse(text).data[0].id;
    return typeof id === "string" ? id : undefined;
  } catch {
    return undefined;
  }
}
