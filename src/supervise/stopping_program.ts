/**
 * One program while everything is stopped.
 *
 * @module
 */
import type { StopOrder } from "../document/stop_orders.ts";

/** One program that is to end. */
export interface StoppingProgram {
  readonly name: string;
  readonly pid: number;
  readonly order: StopOrder;
  /** When its grace began, ms. */
  sinceMs: number;
  isGone: boolean;
  /** Whether nothing of its family is left. */
  isDone: boolean;
  isKilled: boolean;
  /** Whether it may not be signalled. */
  isRefused: boolean;
  /** Whether it had just been spawned: then the signal may have come before its program did. */
  isYoung: boolean;
  /** Who has been told. */
  readonly told: Set<string>;
}

/** The group of a program, whose name is `group:process`: supervisord stops one after another. */
export function groupOf({ name }: StoppingProgram): string | undefined {
  return name.split(":", 1)[0];
}

/** How many groups programs are of. */
export function countGroups(programs: readonly StoppingProgram[]): number {
  return new Set(programs.map(groupOf)).size;
}

/** Says that something could not be told. */
export function describeRefused(what: string): string {
  return `${what} still runs: it may not be signalled (EPERM)`;
}
