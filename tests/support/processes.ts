/** Processes as `/proc` shows them, found by a variable in their environment and killed by their pid. */
import { readOrEmpty } from "./files.ts";

/** One live process. */
export interface LiveProcess {
  readonly pid: number;
  /** Its arguments, joined by blanks. */
  readonly command: string;
}

/** Whether a process lives, zombies not counted. */
export function isAlive(pid: number): boolean {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  const state = stat.charAt(stat.lastIndexOf(")") + 2);
  return state !== "" && state !== "Z" && state !== "X";
}

/**
 * Whether a run of the program listens to its signals. SIGUSR2 is the last of them; SIGTERM tells nothing, since Deno
 * has a handler for it from its own start on, which ends the process as long as nobody listens.
 */
export function listensToSignals(pid: number): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)/m.exec(readOrEmpty(`/proc/${pid}/status`))?.[1] ?? "0";
  return (BigInt(`0x${caught}`) >> 11n & 1n) === 1n;
}

/**
 * Finds every live process that has a variable in its environment; zombies have none.
 *
 * @param marker `NAME=value`.
 * @returns The processes in no order.
 */
export function readMarked(marker: string): LiveProcess[] {
  const found: LiveProcess[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    if (!`\0${readOrEmpty(`/proc/${name}/environ`)}`.includes(`\0${marker}\0`)) continue;
    const command = readOrEmpty(`/proc/${name}/cmdline`).replaceAll("\0", " ").trimEnd();
    if (isAlive(Number(name))) found.push({ pid: Number(name), command });
  }
  return found;
}

/** Sends a signal; `false` where there is no such process any more. */
export function signalProcess(pid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Kills every process that carries the marker, until none is left. */
export async function killMarked(marker: string): Promise<void> {
  for (let round = 0; round < 200; round++) {
    const found = readMarked(marker);
    if (found.length === 0) return;
    for (const { pid } of found) signalProcess(pid, "SIGKILL");
    await pause(5);
  }
}

/** What a process used and uses. */
export interface Usage {
  /** User and system time so far, ms, as the scheduler counts it. */
  readonly cpuMs: number;
  /** Resident memory, KiB. */
  readonly rssKib: number;
  /** Resident memory, shared pages divided by those who share them, KiB. */
  readonly pssKib: number;
  /** Resident memory that is no file's and nobody else's: what the process itself has asked for, KiB. */
  readonly anonymousKib: number;
}

/** The length of a clock tick, ms: USER_HZ is 100 on every architecture that Deno runs on. */
const TICK_MS = 10;

/** Reads what a process used: `stat` counts threads that have ended too, as `task/*` does not. */
export function readUsage(pid: number): Usage {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const cpuMs = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  const memory = readOrEmpty(`/proc/${pid}/smaps_rollup`);
  const read = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(memory)?.[1]);
  return { cpuMs, rssKib: read("Rss"), pssKib: read("Pss"), anonymousKib: read("Anonymous") };
}

/** Waits for time alone; for the steps of a loop that looks at a condition. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The wall clock, ms with fractions. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Waits for all, and only then fails if one did: `Promise.all` would end a test while other runs of
 * its own have yet to be cleaned up.
 *
 * @param promises What to wait for.
 * @returns Every value.
 * @throws {unknown} What the first that failed threw.
 */
export async function settleAll<T extends readonly unknown[] | []>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises);
  return await Promise.all(promises);
}

/**
 * Runs a task for every item, a few at a time, and only then fails if one did.
 *
 * @param items What to run for.
 * @param atOnce How many at a time.
 * @param run The task.
 */
export async function inBatches<T>(
  items: readonly T[],
  atOnce: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  await settleAll(Array.from({ length: atOnce }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await run(item);
  }));
}
