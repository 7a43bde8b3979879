/**
 * The termination message: what an orchestrator keeps of a container that ended though nobody asked for it.
 *
 * @see https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
 * @module
 */
import { renderStep } from "../policy/engine_event.ts";
import { renderDuration } from "../formats/duration.ts";
import { renderExit } from "../formats/exit.ts";
import { maskText } from "../formats/secrets.ts";
import type { RunRecord } from "./run_record.ts";

/** Kubernetes takes so many bytes of a container's message. */
export const MAX_BYTES = 4_096;

/** So many of them are for the first line, and for the attempts: the rest is the last lines'. */
const MAX_OF_HEAD = 1_200;
const MAX_OF_RUNS = 1_400;

/** What is known of the end. */
export interface TerminationFacts {
  /** Why it ended, the cause first; further lines may follow. */
  readonly reason: string;
  /** Every attempt, oldest first. */
  readonly runs: readonly RunRecord[];
  /** The engine's last lines, oldest first. */
  readonly lines: readonly string[];
}

/**
 * Renders the message: the cause, each attempt, the last lines; secrets are masked. Where there is too much,
 * the oldest attempts and lines go.
 */
export function renderTerminationMessage({ reason, runs, lines }: TerminationFacts): string {
  const { death } = runs.findLast((run) => run.death !== undefined) ?? {};
  const isTold = death === undefined || death.cause === "unknown" || reason.includes(death.cause);
  const cause = isTold ? "" : `; cause: ${death.cause}, ${death.meaning}. ${death.advice}`;
  const head = cutBytes(maskText(reason) + maskText(cause), MAX_OF_HEAD);
  const attempts = takeLast(runs.map(renderAttempt), MAX_OF_RUNS, "earlier runs");
  const used = countBytes([head, ...attempts, "last lines:", ""].join("\n")) + 1;
  const tail = takeLast(lines.map(maskText), MAX_BYTES - used, undefined);
  const text = [head, ...attempts, ...(tail.length > 0 ? ["last lines:", ...tail] : [])].join("\n");
  return cutBytes(`${text}\n`, MAX_BYTES);
}

function renderAttempt(run: RunRecord): string {
  const { name, startedAt, diedAt, spawnedAt, exit, unhealthy, wasStopped, death, next } = run;
  const lifeMs = (diedAt ?? spawnedAt).getTime() - spawnedAt.getTime();
  const how = wasStopped
    ? "stopped"
    : exit === undefined
    ? `stopped as ${
      unhealthy ?? (next?.kind === "recycle" ? "it used too much memory" : "it did not end")
    }`
    : renderExit(exit);
  const when = startedAt === undefined
    ? "before it had started"
    : `started after ${renderDuration(startedAt.getTime() - spawnedAt.getTime())}`;
  const cause = death === undefined || death.cause === "unknown" ? "" : `; ${death.cause}`;
  const step = renderStep(next);
  const then = step === undefined ? "" : `; then ${step}`;
  return maskText(
    `run ${run.run} of ${name}: ${how} after ${renderDuration(lifeMs)}, ${when}${cause}${then}`,
  );
}

/** The last of these texts that fit, oldest first; `what` names those that do not. */
function takeLast(
  texts: readonly string[],
  mostBytes: number,
  what: string | undefined,
): string[] {
  const taken: string[] = [];
  let left = mostBytes;
  for (const text of texts.toReversed()) {
    left -= countBytes(text) + 1;
    if (left < 0) break;
    taken.unshift(text);
  }
  const missing = texts.length - taken.length;
  return missing === 0 || what === undefined ? taken : [`${missing} ${what}`, ...taken];
}

function countBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Cuts a text at a character, so that no half of one is left. */
function cutBytes(text: string, mostBytes: number): string {
  if (countBytes(text) <= mostBytes) return text;
  const room = new Uint8Array(mostBytes);
  const { read } = new TextEncoder().encodeInto(text, room);
  return text.slice(0, read);
}
