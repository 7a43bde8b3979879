/** What a fault of the soak is. To add one, put an object into `soak_faults.ts`. */
import type { Random } from "../../tests/support/random.ts";
import type { Instance, LiveEngine } from "./instance.ts";

/** What a fault meets. */
export interface FaultScene {
  readonly instance: Instance;
  /** The engine that serves. */
  readonly engine: LiveEngine;
  readonly random: Random;
}

/** What must come of it. */
export type Expected =
  /** The engine died so, and a new one serves; `undefined` where it was stopped since it hung. */
  | { readonly kind: "recovery"; readonly exitCode: number | undefined; readonly lift?: () => void }
  /** Another one serves, since somebody asked for it: no crash. */
  | { readonly kind: "by hand" }
  /** The same one serves. */
  | { readonly kind: "none" };

/** One fault. */
export interface SoakFault {
  /** Its row's title. */
  readonly name: string;
  /** From the moment it is over until the engine must serve again, pauses of the back-off aside, ms. */
  readonly withinMs: number;
  /** Whether the program stands still meanwhile, so that its clock does too. */
  readonly freezesProgram?: true;
  /**
   * Causes it, and waits for its end where it has one.
   *
   * @returns What must come of it. `lift` is called once the engine serves again.
   */
  readonly inflict: (scene: FaultScene) => Promise<Expected> | Expected;
}
