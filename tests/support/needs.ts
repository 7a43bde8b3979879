/**
 * Tests that need root, namespaces or devices: skipped by name where those are missing, so that anybody can run the
 * rest. `REQUIRE_ISOLATION=true`, as CI sets it, makes a failure of that: there nothing may be skipped unseen.
 */
import { it } from "@std/testing/bdd";
import { BUILT_PROBLEM, FLAGS_PROBLEM } from "./program.ts";

/** Registers a test. */
type Register = (title: string, body: () => void | Promise<void>) => void;

/**
 * Makes an `it()` for tests that may not be able to run here: they are named as skipped, with the reason.
 *
 * @param problem Why they cannot run here; `undefined` where they can.
 * @returns What registers such a test.
 */
export function itUnless(problem: string | undefined): Register {
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

/**
 * Makes an `it()` for tests that need what anybody may be without.
 *
 * @param problem Why they cannot run here; `undefined` where they can.
 * @returns What registers such a test; where it cannot run, with the reason in its name.
 */
export function itWhere(problem: string | undefined): Register {
  return problem === undefined ? it : (title, body) => it.skip(`${title} (${problem})`, body);
}

/** An `it()` for tests of Deno's own permission flags, which an executable does not take. */
export const itOfFlags: Register = itWhere(FLAGS_PROBLEM);

/** An `it()` for tests of the executable, which scripts/build.sh makes. */
export const itWhereBuilt: Register = itWhere(BUILT_PROBLEM);
