/**
 * Calls of what a program has given us.
 *
 * @module
 */

/**
 * Calls a function that may throw, or be asynchronous and reject, whatever its type says.
 *
 * @param call Calls it.
 * @param onFailure Told of what it threw.
 */
export function callSafely(call: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    const result = call();
    if (result instanceof Promise) result.catch(onFailure);
  } catch (error) {
    onFailure(error);
  }
}
