/**
 * The status in a few words: one state, whether it is ready and healthy, and one sentence.
 *
 * @module
 */
import { renderExit, withExitCode } from "../formats/exit.ts";
import { findDelayMs, renderStep } from "../policy/engine_event.ts";
import { maskText } from "../formats/secrets.ts";
import type { Instance } from "./instance.ts";
import type { EngineStatus, SupervisionStatus } from "./status.ts";

/** Every state that a program or the whole may be in. */
export const STATES = [
  "installing",
  "loading",
  "running",
  "backing_off",
  "recovering",
  "unhealthy",
  "draining",
  "stopped",
  "ended",
  "fatal",
  "gave_up",
] as const;

/** One of {@linkcode STATES}. */
export type State = typeof STATES[number];

/** What the status comes to. */
export interface Situation {
  /** The worst state of the engine's processes, or that of the whole. */
  readonly state: State;
  /** Since when, ISO 8601. */
  readonly since: string;
  /** Whether requests should be sent to it. */
  readonly ready: boolean;
  /** Whether it has started and is well; true also while it drains. */
  readonly healthy: boolean;
  /** One sentence for people. */
  readonly reason: string;
}

/** Of several processes the worst tells, the first of these. */
const WORST_FIRST: readonly State[] = [
  "gave_up",
  "fatal",
  "unhealthy",
  "backing_off",
  "recovering",
  "loading",
  "stopped",
  "ended",
  "draining",
  "running",
];

/** Tells the state of one managed process. */
export function findEngineState(
  { state, next, since, starts }: EngineStatus,
  { phase, exit }: SupervisionStatus,
  now: Date,
): State {
  if (state === "down" && next?.kind === "none") {
    const isEnd = exit === undefined ? next.rule === "autorestart" : exit.code === 0;
    return isEnd ? "ended" : "gave_up";
  }
  if (phase === "ended") return "stopped";
  if (phase === "stopping") return state === "down" || state === "halted" ? "stopped" : "draining";
  switch (state) {
    case "serving":
      return "running";
    case "unhealthy":
    case "draining":
      return state;
    case "halted":
      return "stopped";
    case "loading":
      return starts > 1 ? "recovering" : "loading";
    case "down": {
      const delayMs = findDelayMs(next);
      return now.getTime() < since.getTime() + delayMs ? "backing_off" : "recovering";
    }
  }
}

/** Tells what the status comes to. */
export function describeSituation(
  status: SupervisionStatus,
  instance: Instance,
  now: Date,
): Situation {
  const { phase, exit } = status;
  const begun = (status.since ?? instance.startedAt).toISOString();
  if (exit !== undefined) {
    return {
      state: exit.code === 0 ? "ended" : "gave_up",
      since: begun,
      ready: false,
      healthy: false,
      reason: withExitCode(maskText(exit.text), exit.code),
    };
  }
  if (phase === "installing") {
    return {
      state: "installing",
      since: begun,
      ready: false,
      healthy: false,
      reason: "what the model needs is being installed",
    };
  }
  const worst = findWorst(status, now);
  if (phase === "stopping") {
    const isUp = status.engines.every(({ state }) => state === "serving");
    return {
      state: worst?.state === "gave_up" ? "gave_up" : "draining",
      since: begun,
      ready: false,
      healthy: isUp && status.engines.length > 0,
      reason: `everything is being stopped: ${maskText(status.stopReason ?? "asked for")}`,
    };
  }
  if (worst === undefined) {
    return { state: "loading", since: begun, ready: false, healthy: false, reason: "starting" };
  }
  const { state, engine } = worst;
  return {
    state,
    since: engine.since.toISOString(),
    ready: state === "running",
    healthy: state === "running" || state === "draining",
    reason: explainState(state, engine, status, now),
  };
}

function findWorst(
  status: SupervisionStatus,
  now: Date,
): { readonly state: State; readonly engine: EngineStatus } | undefined {
  return status.engines
    .map((engine) => ({ engine, state: findEngineState(engine, status, now) }))
    .sort((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state))[0];
}

function explainState(
  state: State,
  { name, since, next, lastExit }: EngineStatus,
  { probe, runs }: SupervisionStatus,
  now: Date,
): string {
  const run = runs.findLast((one) => one.name === name);
  const died = runs.findLast((one) => one.name === name && one.diedAt !== undefined);
  const exit = died === undefined ? lastExit : died.exit;
  const last = exit !== undefined
    ? `it ended with ${renderExit(exit)}`
    : died?.unhealthy !== undefined
    ? "it was stopped as unhealthy"
    : "it ended";
  const cause = runs.findLast((one) => one.name === name && one.death !== undefined)?.death;
  const why = cause === undefined || cause.cause === "unknown" ? "" : ` (${cause.cause})`;
  const attempt = renderStep(next) ?? "";
  switch (state) {
    case "running":
      return probe?.reason === undefined
        ? `${name} serves`
        : `${name} serves, though its probe fails: ${maskText(probe.reason)}`;
    case "loading":
      return probe?.reason === undefined
        ? `${name} loads`
        : `${name} loads: ${maskText(probe.reason)}`;
    case "unhealthy":
      return `${name} is ${maskText(run?.unhealthy ?? "unhealthy")}: it is being stopped`;
    case "draining":
      return `${name} was told to stop, and drains`;
    case "backing_off": {
      const leftMs = since.getTime() + findDelayMs(next) - now.getTime();
      return `${name}: ${last}${why}; ${attempt}${renderPause(leftMs)}`;
    }
    case "recovering":
      return `${name}: ${last}${why}; ${attempt} is under way`;
    case "stopped":
      return `${name} was stopped by hand`;
    default:
      return `${name}: ${last}${why}`;
  }
}

function renderPause(leftMs: number): string {
  return leftMs > 0 ? ` in ${Math.ceil(leftMs / 1000)} s` : " is under way";
}

/** Brings the reason of a pause before a restart up to date. */
export function renewReason(reason: string, leftMs: number): string {
  return reason.replace(/ in \d+ s$/, () => renderPause(leftMs));
}
