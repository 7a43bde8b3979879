/**
 * A status that was written a while ago, as it is now: only time has passed since, for whatever happens is
 * written at once.
 *
 * @module
 */
import { renewReason } from "./situation.ts";
import { countRecoveries, type ProgramDocument, type StatusDocument } from "./status_document.ts";

/** Brings a status up to date: recoveries leave their window, and a pause before a restart ends. */
export function refreshStatus(document: StatusDocument, now: Date): StatusDocument {
  const programs = document.programs.map((program) => refreshProgram(program, now));
  const fresh = { ...document, at: now.toISOString(), programs };
  if (document.state !== "backing_off") return fresh;
  const pausing = programs.find(({ state }) => state === "backing_off");
  const leftMs = pausing === undefined ? 0 : Date.parse(pausing.next?.at ?? "") - now.getTime();
  return {
    ...fresh,
    state: pausing === undefined ? "recovering" : "backing_off",
    reason: renewReason(document.reason, leftMs),
  };
}

function refreshProgram(program: ProgramDocument, now: Date): ProgramDocument {
  const { recoveries, next, state } = program;
  const isOver = state === "backing_off" && Date.parse(next?.at ?? "") <= now.getTime();
  return {
    ...program,
    state: isOver ? "recovering" : state,
    recoveries: recoveries === null ? null : countRecoveries(recoveries, now),
  };
}
