/**
 * What an error says.
 *
 * @module
 */

/**
 * Tells what an error says, whatever was thrown. One that stands for several, as Node's does where every
 * address of a host was tried, says what each of them says.
 */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") {
    return [...new Set(error.errors.map(errorText))].join("; ");
  }
  return error instanceof Error ? error.message : String(error);
}
