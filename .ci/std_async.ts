// Stands in for @std/async/deadline and @std/async/delay where JSR cannot be reached: npm's deno-std with types as strict
// as the real ones, of what this project uses.
import * as stdDeadline from "deno-std/async/deadline.js";
import * as stdDelay from "deno-std/async/delay.js";

/** Options of both. */
interface AbortOptions {
  readonly signal?: AbortSignal;
}

/** Rejects with a TimeoutError if a promise takes longer than `ms`. */
export function deadline<T>(promise: Promise<T>, ms: number, options?: AbortOptions): Promise<T> {
  return stdDeadline.deadline(promise, ms, options);
}

/** Waits for `ms`. */
export function delay(
  ms: number,
  options?: AbortOptions & { readonly persistent?: boolean },
): Promise<void> {
  return stdDelay.delay(ms, options);
}
