/** How runs are to end: with their code, and nothing left of them. */
import { assert, assertEquals } from "@std/assert";
import { isAlive, signalProcess, wallMs } from "./processes.ts";
import { DEADLINE_MS, type Run, type RunEnd } from "./run.ts";

/** What an end is looked at for besides. */
export interface EndOptions {
  /** Asked after the end: who must be gone too, though it may have lost the run's marker. Killed where it is not. */
  readonly pids?: () => readonly number[];
  /** Names of files in `TMPDIR` that the engine itself is known to leave. */
  readonly engineFiles?: RegExp;
  /** How long the end may take, ms. */
  readonly deadlineMs?: number;
}

/**
 * Waits for a run's end, and asserts its exit code and that no process and no file of it is left.
 *
 * @param run The run.
 * @param code The exit code that it must have.
 * @param options What else to look at.
 * @returns Its end.
 */
export async function expectEnd(
  run: Run,
  code: number,
  { pids = () => [], engineFiles, deadlineMs = DEADLINE_MS }: EndOptions = {},
): Promise<RunEnd> {
  const end = await run.waitForEnd(deadlineMs);
  const alive = pids().filter(isAlive);
  for (const pid of alive) signalProcess(pid, "SIGKILL");
  const left = run.readLeft();
  const files = run.readTemporary().filter((name) => engineFiles?.test(name) !== true);
  assertEquals(
    { code: end.code, left, alive, files },
    { code, left: [], alive: [], files: [] },
    run.describe("the end"),
  );
  return end;
}

/**
 * Sends a signal to the program, whatever it is wrapped in, and asserts that all ends with 0 and nothing left.
 *
 * @param run The run.
 * @param signal The signal.
 * @param options What else to look at.
 * @returns From the signal to the end, ms.
 */
export async function stopCleanly(
  run: Run,
  signal: Deno.Signal = "SIGTERM",
  options: EndOptions = {},
): Promise<number> {
  const program = run.findProgram();
  const sentMs = wallMs();
  assert(
    program !== undefined && signalProcess(program, signal),
    run.describe("the program is there to be stopped"),
  );
  return (await expectEnd(run, 0, options)).atMs - sentMs;
}
