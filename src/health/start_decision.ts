/**
 * Decides when a run counts as started by what its own port answers, where nobody gave that answer a
 * right to judge.
 *
 * The port is known from the command, and that may mislead. So the question is given up, and a run
 * counts as started once it has lived for `startsecs`, where the answer cannot be had: the host cannot
 * be reached, Deno does not permit it, the port stays somebody else's, the engine listens on another
 * one; and in any case after the longest start. Nothing here makes a run one that failed.
 *
 * Pure: it is told the time.
 *
 * @module
 */
import type { PortView } from "../cleanup/listeners.ts";

/** What one question told. */
export type StartAnswer =
  | { readonly kind: "ready" }
  /** Not yet; `isClosed` where nobody listens. */
  | { readonly kind: "loading"; readonly isClosed: boolean }
  /** It cannot be asked so, and why. */
  | { readonly kind: "unaskable"; readonly text: string };

/** What is remembered of a run. */
export interface StartState {
  /** Answers in a row that say it cannot be asked. */
  readonly unaskable: number;
  /** Looks in a row that saw it listen on the same other port. */
  readonly elsewhere: number;
  /** Which. */
  readonly port: number | undefined;
  /** Whether a stranger was seen to hold its port last: when it dies of that, nothing can be seen. */
  readonly isHeld: boolean;
}

/** A run that has not been asked yet. */
export const UNASKED: StartState = {
  unaskable: 0,
  elsewhere: 0,
  port: undefined,
  isHeld: false,
};

/** What was decided. */
export type StartVerdict =
  | { readonly kind: "waiting" }
  | { readonly kind: "ready" }
  /** Ask no more: `startsecs` decides. */
  | { readonly kind: "given_up"; readonly text: string };

/** In a row, before it is believed that it cannot be asked: name servers and proxies start too. */
const MAX_UNASKABLE = 3;

/**
 * So long it may try to get a port that somebody else holds, ms: gunicorn and nginx do for some seconds
 * before they give up. Until then it has not started.
 */
const MAX_HELD_MS = 30_000;

/** In a row, before it is believed that it listens on another port only: it opens them one by one. */
const MAX_ELSEWHERE = 2;

/** Statuses that say "not yet": 400 is Triton's and MLServer's, 503 everybody else's. */
const NOT_YET: readonly number[] = [400, 408, 425, 429];

/** Reads a status. What answers 404 or 401 is up: the path is another one there, or guarded. */
export function readStatus(status: number): StartAnswer {
  if (status >= 500 || NOT_YET.includes(status)) return { kind: "loading", isClosed: false };
  return { kind: "ready" };
}

/** Errors that say that nobody listens yet. */
const CLOSED = /^ECONNREFUSED$|ConnectionRefused/;

/** Errors that say that it cannot be asked. */
const UNASKABLE =
  /^(?:ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EACCES|EPERM|ECONNRESET|EPROTO|ERR_\w+|HPE_\w+)$|NotCapable|AddrNotAvailable|InvalidData/;

/** Reads why there was no answer. */
export function readFailure(errors: readonly string[], text: string): StartAnswer {
  if (errors.some((code) => CLOSED.test(code))) return { kind: "loading", isClosed: true };
  if (errors.some((code) => UNASKABLE.test(code))) return { kind: "unaskable", text };
  return { kind: "loading", isClosed: false };
}

/** What was seen of a run. */
export interface StartLook {
  /** What its port answered. */
  readonly answer: StartAnswer;
  /** Who holds the port, where that was looked at. */
  readonly view: PortView | undefined;
  /** How long it has run, ms. */
  readonly afterMs: number;
}

/** Decides what one look at a run means. */
export function decideStart(
  state: StartState,
  { answer, view, afterMs }: StartLook,
  port: number,
  longestMs: number,
): { readonly state: StartState; readonly verdict: StartVerdict } {
  const isHeld = view === undefined || view.owner === "unknown"
    ? state.isHeld
    : view.owner === "stranger";
  const isOther = (view?.owner === "nobody" || view?.owner === "stranger") &&
    view.elsewhere !== undefined;
  const next: StartState = {
    unaskable: answer.kind === "unaskable" ? state.unaskable + 1 : 0,
    elsewhere: view === undefined
      ? state.elsewhere
      : !isOther
      ? 0
      : state.port === view.elsewhere
      ? state.elsewhere + 1
      : 1,
    port: view === undefined ? state.port : view.elsewhere,
    isHeld,
  };
  const giveUp = (text: string) => ({ state: next, verdict: { kind: "given_up", text } as const });
  if (view?.owner === "apart") return giveUp("it has a network of its own");
  if (answer.kind === "ready" && !isHeld) return { state: next, verdict: { kind: "ready" } };
  if (answer.kind === "unaskable" && next.unaskable >= MAX_UNASKABLE) return giveUp(answer.text);
  if (next.elsewhere >= MAX_ELSEWHERE) {
    return giveUp(`it listens on port ${next.port}, not on port ${port}`);
  }
  if (isHeld && afterMs >= Math.min(MAX_HELD_MS, longestMs)) {
    return giveUp(`port ${port} is held by another process`);
  }
  if (afterMs >= longestMs) return giveUp(`no good answer within ${longestMs / 1000} s`);
  return { state: next, verdict: { kind: "waiting" } };
}
