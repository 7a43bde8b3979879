/**
 * Asking again and again for as long as a run lasts.
 *
 * @module
 */
import { errorText } from "../log/error_text.ts";

/** What watches runs of the engine, one after another. */
export interface RunWatch {
  /** Begins to watch a run, of which nothing is known yet. */
  begin(stop: AbortSignal): void;
}

/** Asks once, and not indefinitely. */
export async function askInTime<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  timeoutMs: number,
  stop: AbortSignal,
): Promise<{ readonly answer: T } | { readonly error: unknown; readonly isLate: boolean }> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return { answer: await ask(AbortSignal.any([stop, timeout])) };
  } catch (error) {
    return { error, isLate: timeout.aborted };
  }
}

/** Says why there was no answer. */
export function describeFailure(
  { error, isLate }: { readonly error: unknown; readonly isLate: boolean },
  timeoutMs: number,
): string {
  return isLate ? `no answer within ${timeoutMs / 1000} s` : errorText(error);
}

/** Waits. */
export function pause(ms: number, stop: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const abort = () => {
    clearTimeout(timer);
    resolve();
  };
  if (stop.aborted) abort();
  stop.addEventListener("abort", abort, { once: true });
  return promise.finally(() => stop.removeEventListener("abort", abort));
}
