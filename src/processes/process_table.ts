/**
 * What `/proc` says of processes.
 *
 * Permissions: all of them; Deno guards every file under `/proc` with `--allow-all`.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 * @module
 */
import { mayReadProc } from "../host/ask_permission.ts";

/** One process. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  readonly sessionId: number;
  /** `R`, `S`, `D`, `Z` for a zombie, `T` when stopped … */
  readonly state: string;
  /** Its threads that live; 0 or 1 for an ordinary zombie. */
  readonly threads: number;
  /** When it started, in clock ticks since boot: with the pid it names one process for ever. */
  readonly startTicks: string;
}

/**
 * Parses `/proc/<pid>/stat`.
 *
 * @param text The file's text; the command's name in it may hold blanks and parentheses.
 * @returns The process; `undefined` where the text is not of that form.
 */
export function parseStat(text: string): ProcessEntry | undefined {
  const nameEnd = text.lastIndexOf(")");
  const pid = parseInt(text, 10);
  const fields = text.slice(nameEnd + 2).split(" ");
  const [state, parentPid, groupId, sessionId] = fields;
  const startTicks = fields[19];
  if (nameEnd < 0 || Number.isNaN(pid) || state === undefined || startTicks === undefined) {
    return undefined;
  }
  return {
    pid,
    parentPid: Number(parentPid),
    groupId: Number(groupId),
    sessionId: Number(sessionId),
    state,
    threads: Number(fields[17]),
    startTicks,
  };
}

/**
 * Tells whether a process has ended, reaped or not. One whose first thread has ended looks like a zombie
 * while its other threads go on.
 *
 * @param process The process; `undefined` for one that is gone.
 * @returns Whether nothing of it runs any more.
 */
export function hasEnded(process: ProcessEntry | undefined): boolean {
  if (process === undefined || process.state === "X") return true;
  return process.state === "Z" && process.threads <= 1;
}

/** Reads one process; `undefined` where it is gone or may not be read. */
export function readProcess(pid: number): ProcessEntry | undefined {
  if (!mayReadProc()) return undefined;
  try {
    return parseStat(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return undefined;
  }
}

/** Whether `/proc` is there and may be read. */
export function canReadProcesses(): boolean {
  return readProcess(Deno.pid) !== undefined;
}

/** Reads every process; empty where `/proc` may not be read. */
export function readProcesses(): ProcessEntry[] {
  const processes: ProcessEntry[] = [];
  if (!mayReadProc()) return processes;
  try {
    for (const { name } of Deno.readDirSync("/proc")) {
      const first = name.charCodeAt(0);
      if (first < 0x31 || first > 0x39) continue;
      const process = readProcess(Number(name));
      if (process !== undefined) processes.push(process);
    }
  } catch { /* No /proc, or no permission: then nothing can be said. */ }
  return processes;
}

/**
 * Tells whether a process was started with all of these variables in its environment.
 *
 * @param pid The process.
 * @param assignments `NAME=value` each.
 * @returns False also where its environment may not be read.
 */
export function hasEnvironment(pid: number, assignments: readonly string[]): boolean {
  try {
    // Latin-1 keeps every byte, and is far faster than UTF-8 on a large environment.
    const bytes = Deno.readFileSync(`/proc/${pid}/environ`);
    const text = `\0${LATIN1.decode(bytes)}\0`;
    return assignments.every((assignment) => text.includes(`\0${assignment}\0`));
  } catch {
    return false;
  }
}

/**
 * Tells whether a process's environment can be read as one. A process that sets its own title, as
 * inference workers do, often overwrites it.
 *
 * @param pid The process.
 * @returns True also where it may not be read, for then nothing speaks against it.
 */
export function isEnvironmentLegible(pid: number): boolean {
  try {
    return /^[A-Za-z_][A-Za-z0-9_.]*=/.test(
      LATIN1.decode(Deno.readFileSync(`/proc/${pid}/environ`)),
    );
  } catch {
    return true;
  }
}

const LATIN1 = new TextDecoder("latin1");

/** write(2) on the architectures that Deno runs on: x86-64, and 64 on AArch64. */
const WRITE_CALLS: Readonly<Record<string, string>> = { x86_64: "1", aarch64: "64" };

/**
 * Tells whether a process waits in write(2), as one does whose reader has stalled.
 *
 * @param pid The process.
 * @returns False also where that may not be known, or the process is stopped.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_syscall.5.html
 */
export function isWriting(pid: number): boolean {
  try {
    if (readProcess(pid)?.state !== "S") return false;
    const [call] = Deno.readTextFileSync(`/proc/${pid}/syscall`).split(" ");
    return call === WRITE_CALLS[Deno.build.arch];
  } catch {
    return false;
  }
}
