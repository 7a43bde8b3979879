/**
 * Says that something still goes on, for as long as it does. There is a timer only while there is something
 * to wait for.
 *
 * @module
 */
import type { Logger } from "../log/logger.ts";
import { findNextNotice, renderProgress } from "../log/progress.ts";

/** What is waited for. */
export interface WaitOptions {
  /** Who still does what: `vllm still loads`. */
  readonly what: string;
  /** How long it may last, ms; `undefined` where nothing limits it. */
  readonly limitMs?: number | undefined;
  /** Tells what else is known, at each notice. */
  readonly detail?: (() => string | undefined) | undefined;
  /** Receives log lines. */
  readonly log: Logger;
}

/** A wait that has begun; end it. */
export class LongWait {
  readonly #options: WaitOptions;
  readonly #beganMs = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #toldMs = 0;

  constructor(options: WaitOptions) {
    this.#options = options;
    this.#plan();
  }

  #plan(): void {
    const elapsedMs = performance.now() - this.#beganMs;
    this.#toldMs = findNextNotice(elapsedMs, this.#toldMs);
    this.#timer = setTimeout(() => this.#tell(), this.#toldMs - elapsedMs);
    Deno.unrefTimer(this.#timer);
  }

  #tell(): void {
    const { what, limitMs, detail, log } = this.#options;
    const elapsedMs = performance.now() - this.#beganMs;
    log.info(renderProgress(what, elapsedMs, limitMs, detail?.()), {
      event: "progress",
      duration_ms: Math.round(elapsedMs),
    });
    this.#plan();
  }

  /** Says no more. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
