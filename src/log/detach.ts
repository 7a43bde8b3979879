/** Work that nothing waits for. @module */
import { errorText } from "./error_text.ts";
import type { Logger } from "./logger.ts";

/** Lets work go on in the background; if it fails, that is logged as a failure of `what`. */
export function detach(work: Promise<unknown>, what: string, log: Logger): void {
  work.catch((error) => log.error(`${what} failed: ${errorText(error)}`));
}

/** Runs every step, whatever becomes of the others; a failure is logged as one of `what`. */
export async function closeAll(
  steps: readonly (() => unknown)[],
  what: string,
  log: Logger,
): Promise<void> {
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      log.error(`${what} failed: ${errorText(error)}`);
    }
  }
}
