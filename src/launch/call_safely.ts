/**
 * Calls of what a program has given us.
 *
 * @module
 */

/** Calls a function that may throw, or be asynchronous and reject, whatever its type says. */
export function callSafely(call: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    const result = call();
    if (result instanceof Promise) result.catch(onFailure);
  } catch (error) {
    onFailure(error);
  }
}
