/**
 * What an error says.
 *
 * @module
 */

/**
 * Tells what an error says, whatever was thrown.
 *
 * @param error What was caught.
 * @returns Its message, or the thing itself as text.
 */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
