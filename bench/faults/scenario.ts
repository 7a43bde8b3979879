/**
 * What a scenario of the fault table is. To add one, put an object into the file of its kind beside this
 * one (or into a new file that `scenarios.ts` lists): the runner does the rest.
 */
import type { TreeProcess } from "../../tests/support/namespace.ts";
import { signalProcess } from "../../tests/support/processes.ts";
import type { Run } from "../../tests/support/run.ts";

/** How many workers the engine of every scenario has; the last has a session of its own. */
export const WORKERS = 3;

/** The interpreter of the engine and of what stands around it. */
export const PYTHON = "/usr/bin/python3";

/** One run, as the fault finds it. */
export interface Scene {
  readonly run: Run;
  /** The engine's port. */
  readonly port: number;
  /** The pid of the program, as this process sees it. */
  readonly program: number;
  /** The pid of supervisord, as this process sees it. */
  readonly supervisord: number;
  /** The first engine; throws where the scenario's `after` does not wait for one. */
  readonly engine: TreeProcess;
  /** The first engine's workers. */
  readonly workers: readonly TreeProcess[];
  /** Tells the engine to misbehave: `POST` to a `/control/…` path of `tests/fixtures/engine_api.py`. */
  readonly order: (path: string) => Promise<void>;
  /** The run's private directory, as it is now. */
  readonly findRunDirectory: () => string;
}

/** What must hold after the fault, and with it how the time in the table is measured. */
export type Expectation =
  /** A new engine serves. Measured from the fault to the new engine's first instruction. */
  | { readonly kind: "recovers"; readonly withinMs: number }
  /** The same engine serves. Measured from the fault until only what belongs there is left. */
  | { readonly kind: "serves on"; readonly withinMs: number }
  /** Everything ends with this exit code. Measured from the fault to the program's end. */
  | { readonly kind: "exits"; readonly code: number; readonly withinMs: number };

/** The moment of the fault: this event of the first engine, or supervisord's start before any engine. */
export type Moment = "supervisord" | "start" | "workers" | "loaded" | "exit";

/** One row of the fault table. */
export interface Scenario {
  /** Whether the engine writes no lines of its own all the while. */
  readonly isQuiet?: true;
  /** The row's title; `--only` looks in it. */
  readonly name: string;
  /** Causes the fault. */
  readonly inflict: (scene: Scene) => Promise<void> | void;
  /** What must hold after it. The bound is generous: a noisy machine must pass. */
  readonly expects: Expectation;
  /** When the fault comes. @default "loaded" */
  readonly after?: Moment;
  /** Waits for what the fault must lead to besides. */
  readonly settle?: (scene: Scene) => Promise<void>;

  /** More arguments for `tests/fixtures/engine.py`. */
  readonly engineArgs?: readonly string[];
  /** Variables of the run; `PORT` in a value becomes the engine's port. */
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the engine's command, given the run's directory. */
  readonly through?: (directory: string) => string[];
  /** Words before the program's command, given the run's directory. */
  readonly wrapper?: (directory: string) => string[];
  /** How many runs at once; more where a run mostly waits. @default 2 */
  readonly parallel?: number;
  /**
   * The fault ends the program by SIGKILL: nobody is left to remove its files, what it leaves may live on
   * for `lingerSecs`, and as PID 1 its end takes the namespace with it, which unshare(1) cannot pass on.
   */
  readonly killsProgram?: { readonly lingerSecs: number };
}

/** Sends a signal to a process that must be there. */
export function kill(pid: number, signal: Deno.Signal): void {
  if (!signalProcess(pid, signal)) throw new Error(`${pid} is not there to get ${signal}`);
}

/** A new engine's first instruction comes within this time of the old one's death, ms. */
export const RECOVERY: Expectation = { kind: "recovers", withinMs: 3_000 };
