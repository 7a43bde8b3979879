/**
 * Tells from small requests of our own whether an engine hangs that is idle: its metrics stand still
 * then, and its health path answers from a process that does not hang.
 *
 * One that is not answered in time counts once the engine is known to serve; one that is answered with an
 * error only after one was answered well, since this model may not be asked so. One that is refused (a status from 400 to 499) is
 * not repeated.
 *
 * Pure.
 *
 * @module
 */

/** What became of a canary. */
export type CanaryResult =
  | { readonly kind: "sang" }
  /** No answer in time. */
  | { readonly kind: "silent"; readonly reason: string }
  /** An error, of the engine's or of the connection's. */
  | { readonly kind: "failed"; readonly reason: string }
  /** The engine will not be asked so. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The engine works meanwhile. */
  | { readonly kind: "busy" };

/** What is remembered of a run. */
export interface CanaryState {
  /** Whether one was ever answered well. */
  readonly hasSung: boolean;
  /** Failures in a row. */
  readonly failures: number;
  /** Whether none is sent any more. */
  readonly isOff: boolean;
  /** Why the engine is unhealthy. */
  readonly unhealthy: string | undefined;
}

/** A run that no canary was sent to. */
export const NO_CANARY_YET: CanaryState = {
  hasSung: false,
  failures: 0,
  isOff: false,
  unhealthy: undefined,
};

/** Records a canary. */
export function noteCanary(
  state: CanaryState,
  result: CanaryResult,
  { threshold, hasServed }: { readonly threshold: number; readonly hasServed: boolean },
): CanaryState {
  switch (result.kind) {
    case "sang":
      return { ...state, hasSung: true, failures: 0 };
    case "busy":
      return { ...state, failures: 0 };
    case "refused":
      return { ...state, failures: 0, isOff: true };
    case "failed":
      if (!state.hasSung) return state;
      break;
    case "silent":
      if (!state.hasSung && !hasServed) return state;
  }
  const failures = state.failures + 1;
  if (failures < threshold) return { ...state, failures };
  const unhealthy = `${failures} failed canaries in a row, the last: ${result.reason}`;
  return { ...state, failures, isOff: true, unhealthy };
}

/**
 * Reads the status of an answer. 408 and 429 say that there is too much to do, and nothing of a hang.
 */
export function readCanaryStatus(status: number): CanaryResult {
  const reason = `HTTP status ${status}`;
  if (status >= 200 && status < 400) return { kind: "sang" };
  if (status === 408 || status === 429) return { kind: "busy" };
  return { kind: status >= 400 && status < 500 ? "refused" : "failed", reason };
}
