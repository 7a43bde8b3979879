/** Tests that need what not every machine has. */
import { it } from "@std/testing/bdd";

/**
 * Makes an `it()` for tests that may not be able to run here: they are named as skipped, with the reason.
 *
 * @param problem Why they cannot run here; `undefined` where they can.
 * @returns What registers such a test.
 */
export function itUnless(
  problem: string | undefined,
): (title: string, body: () => Promise<void>) => void {
  return (title, body) => {
    if (problem === undefined) it(title, body);
    else it.skip(`${title} (${problem})`, body);
  };
}
