/**
 * When a long wait is told of again, and how: at growing intervals, so that a log neither falls silent nor
 * fills up.
 *
 * @module
 */
import { renderDuration } from "../formats/duration.ts";

/** The first notices after a wait has begun, ms. */
const FIRST_MS = [10_000, 30_000, 60_000] as const;

/** Between the further ones, ms. */
const EVERY_MS = 300_000;

/** What cannot last longer is not worth a line, ms. */
export const SHORT_WAIT_MS: number = FIRST_MS[0];

/** Tells when a wait is told of next: after 10, 30 and 60 s, then every 5 min. */
export function findNextNotice(elapsedMs: number, toldMs = 0): number {
  const afterMs = Math.max(elapsedMs, toldMs);
  return FIRST_MS.find((ms) => ms > afterMs) ?? (Math.floor(afterMs / EVERY_MS) + 1) * EVERY_MS;
}

/** Tells what is known of a wait. */
export function renderProgress(
  what: string,
  elapsedMs: number,
  limitMs: number | undefined,
  detail?: string,
): string {
  const limit = limitMs === undefined || elapsedMs > limitMs
    ? ""
    : ` of ${renderDuration(limitMs)} at most`;
  const more = detail === undefined ? "" : `; ${detail}`;
  return `${what}: ${renderDuration(elapsedMs)}${limit}${more}`;
}
