/**
 * Tests that need root, namespaces or devices: skipped by name where those are missing, so that anybody can run the
 * rest. `REQUIRE_ISOLATION=true`, as CI sets it, makes a failure of that: there nothing may be skipped unseen.
 */
import { it } from "@std/testing/bdd";

/**
 * Registers a test that needs what this machine may not have.
 *
 * @param problem Why it cannot run here; `undefined` where it can.
 * @param title The test's title.
 * @param body The test.
 */
export function itIsolated(
  problem: string | undefined,
  title: string,
  body: () => void | Promise<void>,
): void {
  if (problem === undefined) return it(title, body);
  if (Deno.env.get("REQUIRE_ISOLATION") !== "true") return it.skip(`${title}: ${problem}`, body);
  it(title, () => {
    throw new Error(`It ${problem}, which REQUIRE_ISOLATION=true says are here`);
  });
}
