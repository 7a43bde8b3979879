/** The stand-in programs as commands, and what they record. */
import { FIXTURES, type Run } from "./run.ts";
import type { InstalledSupervisord } from "./supervisords.ts";

/** An interpreter that starts within 10 ms: no site packages, no user's settings. */
export function python({ python }: InstalledSupervisord, script: string, ...args: string[]) {
  return [python, "-S", "-I", `${FIXTURES}/${script}`, ...args];
}

/** The full stand-in engine, which imports a module that lies beside it. */
export function engine({ python }: InstalledSupervisord, ...args: string[]): string[] {
  return [python, "-S", `${FIXTURES}/engine.py`, "--port", "0", ...args];
}

/** The full stand-in engine, with its record in the run's directory: what {@linkcode readEvents} reads. */
export function recordingEngine(
  supervisord: InstalledSupervisord,
  directory: string,
  ...args: string[]
): string[] {
  return engine(supervisord, "--record", `${directory}/record`, ...args);
}

/** A small stand-in that imports `stand_in.py`, and records as the full one does. */
export function runAsChild(
  { python }: InstalledSupervisord,
  script: string,
  directory: string,
  ...args: string[]
): string[] {
  const record = ["--record", `${directory}/record`];
  return [python, "-S", `${FIXTURES}/${script}`, "--port", "0", ...record, ...args];
}

/** One line of a stand-in engine's record. */
export interface EngineEvent {
  readonly event: string;
  readonly pid: number;
  readonly wall_ns: number;
  readonly port?: number;
  readonly workers?: number[];
  readonly signal?: string;
  readonly code?: number;
  /** The name of its shared memory below `/dev/shm`. */
  readonly segment?: string;
}

/** @returns What the full stand-in engine recorded so far in the run's file `record`. */
export function readEvents(run: Run): EngineEvent[] {
  return run.read("record").split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

/** Waits until the full stand-in engine has recorded an event as often as asked. */
export function waitForEvent(run: Run, name: string, times = 1): Promise<EngineEvent> {
  return run.waitFor(
    () => readEvents(run).filter(({ event }) => event === name)[times - 1],
    `event ${name} number ${times}`,
  );
}

/** An engine that does nothing but record its start in the run's file `starts`, and ends at a signal. */
export function sleeper(directory: string): string[] {
  return [`${FIXTURES}/records_start.sh`, `${directory}/starts`];
}

/** A start as a small engine has recorded it. */
export interface Start {
  readonly pid: number;
  /** By the wall clock, ms. */
  readonly atMs: number;
}

/** @returns The starts in the run's file `starts`, or in another one. */
export function readStarts(run: Run, file = "starts"): Start[] {
  return run.readNumbers(file).map(([wallNs = 0, pid = 0]) => ({ pid, atMs: wallNs / 1e6 }));
}

/** Waits until a small engine has been started as often as asked. */
export function waitForStart(run: Run, times = 1): Promise<Start> {
  return run.waitFor(() => readStarts(run)[times - 1], `start ${times}`);
}

/** @returns Every pid that the full stand-in engine recorded: its own, its workers', those of every start. */
export function readPids(run: Run): number[] {
  return [...new Set(readEvents(run).flatMap(({ pid, workers }) => [pid, ...workers ?? []]))];
}
