/**
 * What supervisord's own log adds to a message: how a process ended. No decision rests on it.
 *
 * @module
 */
import type { Exit } from "./exit.ts";
import { findSignalName } from "./signals.ts";

/** One line of the log. */
export interface LogLine {
  /** When it was written, ms, by supervisord's local clock: good for differences only. */
  readonly atMs: number;
  /** supervisord's level: CRIT, ERRO, WARN, INFO, DEBG, TRAC or BLAT. */
  readonly level: string;
  /** What follows it. */
  readonly text: string;
}

// 2026-11-23 02:19:18,123 INFO spawned: 'llm_engine' with pid 42
const LINE =
  /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d),(\d{3}) (CRIT|ERRO|WARN|INFO|DEBG|TRAC|BLAT) (.*)$/;
const ENDED =
  /^(exited|stopped): (.+) \((?:exit status (\d+)|terminated by (signal \d+|\S+?)(?: \(core dumped\))?)(?:; (?:not )?expected)?\)$/;

/** Parses one line. */
export function parseLogLine(line: string): LogLine | undefined {
  const [, day, time, ms, level, text] = LINE.exec(line) ?? [];
  if (level === undefined || text === undefined) return undefined;
  return { atMs: Date.parse(`${day}T${time}.${ms}Z`), level, text };
}

/** A process ended, as the log tells it. */
export interface LoggedExit {
  /** The process's name without its group, all that the log gives. */
  readonly process: string;
  /** Whether it ended by itself, or because supervisord was told to stop it. */
  readonly kind: "exited" | "stopped";
  /** How it ended. */
  readonly exit: Exit;
}

/** Parses the text of a line that tells how a process ended. */
export function parseLoggedExit(text: string): LoggedExit | undefined {
  const [, kind, process, code, signal] = ENDED.exec(text) ?? [];
  if (process === undefined) return undefined;
  const exit: Exit = code === undefined
    ? { kind: "signal", signal: readSignal(signal) }
    : { kind: "code", code: Number(code) };
  return { process, kind: kind === "stopped" ? "stopped" : "exited", exit };
}

/** supervisord names a signal, or writes `signal 40`. */
function readSignal(text = ""): string | undefined {
  const [, number] = /^signal (\d+)$/.exec(text) ?? [];
  return findSignalName(number === undefined ? text : Number(number));
}

/** A process was spawned, as the log tells it. */
export interface LoggedSpawn {
  /** The process's name without its group. */
  readonly process: string;
  /** Its pid. */
  readonly pid: number;
}

/** Parses the text of a line that tells that a process was spawned. */
export function parseLoggedSpawn(text: string): LoggedSpawn | undefined {
  const [, process, pid] = /^spawned: '(.+)' with pid (\d+)$/.exec(text) ?? [];
  return process === undefined ? undefined : { process, pid: Number(pid) };
}
