/** The times of one run whose engine is killed once and then stopped, the same way for every contestant. */
import { sleeper, waitForStart } from "../tests/support/engines.ts";
import { isAlive, pause, signalProcess, wallMs } from "../tests/support/processes.ts";
import type { Contestant } from "./contestants.ts";

/** After this the engine counts as started everywhere, so that its death is a crash, ms. */
export const STARTED_MS = 1_300;

/** What was measured, all in ms. */
export interface OneCrash {
  /** From the command to the engine's first instruction. */
  readonly first: number;
  /** From SIGKILL to the next engine's first instruction. */
  readonly restart: number;
  /** From SIGTERM to the exit. */
  readonly stop: number;
  /** The exit code. */
  readonly code: number;
}

/** Runs a contestant: start, kill the engine, wait for the next one, stop. */
export async function measureOneCrash({ run: start }: Contestant): Promise<OneCrash> {
  // The engine's clock costs it a fork of date(1), about 1 ms, with every contestant.
  await using run = start(sleeper);
  const first = await waitForStart(run);
  await pause(first.atMs + STARTED_MS - wallMs());
  if (!isAlive(first.pid)) throw new Error(run.describe("The engine died"));
  const killedMs = wallMs();
  signalProcess(first.pid, "SIGKILL");
  const second = await waitForStart(run, 2);
  await pause(second.atMs + STARTED_MS - wallMs());
  const stoppedMs = wallMs();
  run.signal("SIGTERM");
  const { code, atMs } = await run.waitForEnd();
  return {
    first: first.atMs - run.spawnedMs,
    restart: second.atMs - killedMs,
    stop: atMs - stoppedMs,
    code,
  };
}
