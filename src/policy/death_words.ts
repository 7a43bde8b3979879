/**
 * How a death is told: a phrase for people, fields for a log in JSON.
 *
 * @module
 */
import { type Exit, exitToCode, renderExit } from "../formats/exit.ts";
import type { LogFields } from "../log/logger.ts";
import type { Death } from "./cause.ts";
import { type EngineEvent, isCounted } from "./engine_event.ts";
import type { Condemnation } from "./engine_state.ts";
import type { Observation } from "./observation.ts";

/** That a run has ended. */
export type DiedEvent = Extract<EngineEvent, { kind: "died" }>;

/** The OOM killer sends SIGKILL as anybody may, and takes a worker as often as the engine itself. */
export function renderEnd(exit: Exit | undefined, { isOutOfMemory }: Observation): string {
  if (exit === undefined) return "an unknown end";
  const how = renderExit(exit);
  if (!isOutOfMemory) return how;
  return exit.kind === "signal" && (exit.signal ?? "SIGKILL") === "SIGKILL"
    ? `${how} by the kernel's OOM killer (the container is out of memory)`
    : `${how} (the kernel's OOM killer has just ended a process of this container)`;
}

/** Why it was stopped, and whether it had to be killed. */
export function renderCondemned({ reason, sinceMs, killedMs }: Condemnation): string {
  if (killedMs === undefined) return reason;
  return `${reason}, with SIGKILL after ${((killedMs - sinceMs) / 1000).toFixed(0)} s`;
}

/** Names processes: `process 7`, `processes 7, 8`. */
export function renderPids(pids: readonly number[]): string {
  return pids.length === 1 ? `process ${pids[0]}` : `processes ${pids.join(", ")}`;
}

/** The cause with what told it, and what to do about it; nothing where nothing is known. */
export function renderDeath(death: Death | undefined): string {
  if (death === undefined || death.cause === "unknown") return "";
  const [line] = death.evidence;
  const told = line === undefined ? "" : ` (${JSON.stringify(line)})`;
  return `; cause: ${death.cause}, ${death.meaning}${told}. ${death.advice}`;
}

/** What a log in JSON has of a death. */
export function listFields({ name, pid, run, exit, afterMs, death, next }: DiedEvent): LogFields {
  return {
    event: "died",
    program: name,
    pid,
    run,
    attempt: isCounted(next) ? next.count : undefined,
    exit_code: exit === undefined ? undefined : exitToCode(exit),
    signal: exit?.kind === "signal" ? exit.signal : undefined,
    cause: death?.cause,
    duration_ms: Math.round(afterMs),
    next: next.kind,
    delay_ms: isCounted(next) ? next.delayMs : undefined,
  };
}
