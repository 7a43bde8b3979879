/**
 * Tests that need root, namespaces or devices: skipped by name where those are missing, so that anybody can run the
 * rest. `REQUIRE_ISOLATION=true`, as CI sets it, makes a failure of that: there nothing may be skipped unseen.
 */
import { it } from "@std/testing/bdd";
import { BUILT_PROBLEM, FLAGS_PROBLEM } from "./program.ts";

/**
 * Makes an `it()` for tests that may not be able to run here: they are named as skipped, with the reason.
 *
 * @param problem Why they cannot run here; `undefined` where they can.
 * @returns What registers such a test.
 */
export function itUnless(
  problem: string | undefined,
): (title: string, body: () => void | Promise<void>) => void {
  return (title, body) => {
    if (problem === undefined) return it(title, body);
    if (Deno.env.get("REQUIRE_ISOLATION") !== "true") {
      return it.skip(`${title} (${problem})`, body);
    }
    it(title, () => {
      throw new Error(`It ${problem}, which REQUIRE_ISOLATION=true says are here`);
    });
  };
}

/** An `it()` for tests of Deno's own permission flags, which an executable does not take. */
export function itOfFlags(title: string, body: () => void | Promise<void>): void {
  if (FLAGS_PROBLEM === undefined) it(title, body);
  else it.skip(`${title} (${FLAGS_PROBLEM})`, body);
}

/** An `it()` for tests of the executable, which scripts/build.sh makes. */
export function itWhereBuilt(title: string, body: () => void | Promise<void>): void {
  if (BUILT_PROBLEM === undefined) it(title, body);
  else it.skip(`${title} (${BUILT_PROBLEM})`, body);
}
