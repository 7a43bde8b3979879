/**
 * What an end that was observed means for the container.
 *
 * @module
 */
import { renderExit } from "../formats/exit.ts";
import type { Observation, SupervisordStatus } from "./observation.ts";
import type { Outcome } from "./outcome.ts";

/** A stop that had to kill, or could not stop all, says so. */
export function withKilled(outcome: Outcome, { stop }: Observation): Outcome {
  if (outcome.kind !== "stopped" || stop === undefined) return outcome;
  const { killed, refused = [] } = stop;
  return {
    ...outcome,
    ...(killed.length === 0 ? {} : { killed }),
    ...(refused.length === 0 ? {} : { refused }),
  };
}

/**
 * The container has lost what it cannot do without, so it never ends with 0 or as if the engine itself
 * were at fault.
 */
export function outcomeOfCritical(name: string, outcome: Outcome): Outcome {
  switch (outcome.kind) {
    case "engine_ended":
      return {
        kind: "gave_up",
        reason: `${name}, a critical program, ended with ${renderExit(outcome.exit)}, and no ` +
          "restart is due",
        lastExit: outcome.exit,
      };
    case "command_not_found":
    case "command_not_executable":
      return {
        kind: "gave_up",
        reason: `${name}, a critical program, cannot be started: ${outcome.reason}`,
        lastExit: undefined,
      };
    default:
      return outcome;
  }
}

/** supervisord ended though the policy had not asked for it: told to by somebody else, or failed. */
export function supervisordOutcome(
  supervisord: Extract<SupervisordStatus, { kind: "ended" }>,
  observation: Observation,
): Outcome {
  const [signal] = observation.stopSignals;
  if (signal !== undefined) return { kind: "stopped", by: signal };
  if (supervisord.code === 0 && supervisord.signal === undefined && supervisord.hasAnswered) {
    return { kind: "stopped", by: "supervisord's shutdown" };
  }
  const how = supervisord.signal === undefined
    ? `it ended with exit code ${supervisord.code}`
    : `it was killed by ${supervisord.signal}`;
  return { kind: "supervisord_failed", reason: how };
}
