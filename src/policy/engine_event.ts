/**
 * What happened to an engine, as data: what the policy saw and decided, beside what it says of it.
 *
 * @module
 */
import type { Exit } from "../formats/exit.ts";
import type { Death } from "./cause.ts";

/** What a death leads to. */
export type NextStep =
  /** A restart, since it had started: the `count`-th recovery of `limit` inside the window. */
  | {
    readonly kind: "recovery";
    readonly count: number;
    /** `Infinity` for no limit. */
    readonly limit: number;
    /** The pause, ms: 0 unless runs in a row did not last. */
    readonly delayMs: number;
  }
  /** A restart after a pause, since it had not: the `count`-th retry of `limit` in a row. */
  | {
    readonly kind: "retry";
    readonly count: number;
    readonly limit: number;
    /** The pause, ms. */
    readonly delayMs: number;
  }
  /** A restart at once that counts as no crash, since it was recycled for its memory. */
  | { readonly kind: "recycle" }
  /** No restart, and the rule that says so. */
  | { readonly kind: "none"; readonly rule: EndRule };

/** A restart that a limit counts. */
export type CountedStep = Extract<NextStep, { readonly kind: "recovery" | "retry" }>;

/** Whether a limit counts a step. */
export function isCounted(next: NextStep): next is CountedStep {
  return next.kind === "recovery" || next.kind === "retry";
}

/** How long a step waits, ms. */
export function findDelayMs(next: NextStep | undefined): number {
  return next !== undefined && isCounted(next) ? next.delayMs : 0;
}

/** A step in a few words: `recovery 1 of 3`, `recycle`; `undefined` where nothing comes. */
export function renderStep(next: NextStep | undefined): string | undefined {
  if (next === undefined || next.kind === "none") return undefined;
  if (!isCounted(next)) return next.kind;
  return `${next.kind} ${next.count}${Number.isFinite(next.limit) ? ` of ${next.limit}` : ""}`;
}

/**
 * Why there is no restart: `autorestart` and `exitcodes` call for none; a limit of recoveries or of failed
 * starts is reached; it put itself into the background; its cause makes another try hopeless;
 * it is one of several nodes, which start again together.
 */
export type EndRule =
  | "autorestart"
  | "recovery_limit"
  | "start_limit"
  | "background"
  | "hopeless_cause"
  | "group";

/** What happened to one of the engine's processes; `name` is supervisord's, `group:process`. */
export type EngineEvent =
  & {
    readonly name: string;
    /** Which run of it, counted from 1. */
    readonly run: number;
  }
  & (
    /** It runs and loads. */
    | { readonly kind: "spawned"; readonly pid: number }
    /** It counts as started: alive for `startsecs`, or its probe calls it ready. */
    | {
      readonly kind: "started";
      readonly pid: number;
      /** Since it was spawned, ms. */
      readonly afterMs: number;
    }
    /** It counts as started again after a death. */
    | {
      readonly kind: "recovered";
      readonly pid: number;
      /** Since it was spawned, ms. */
      readonly afterMs: number;
      /** Since the death, ms. */
      readonly downMs: number;
    }
    /** Its probe fails, or it is not ready in time: it is being stopped. */
    | { readonly kind: "unhealthy"; readonly pid: number; readonly reason: string }
    /** It was told to stop and drains: past its memory limit, or by hand. */
    | { readonly kind: "draining"; readonly pid: number; readonly reason: string }
    /** It ended by itself, or since it was unhealthy. */
    | {
      readonly kind: "died";
      /** `undefined` where it died before it was seen. */
      readonly pid: number | undefined;
      /** `undefined` where it was stopped as unhealthy. */
      readonly exit: Exit | undefined;
      /** Since it was spawned, ms. */
      readonly afterMs: number;
      /** Whether it had started. */
      readonly wasStarted: boolean;
      /** Failed starts in a row, this one among them. */
      readonly failedStarts: number;
      /** Why; `undefined` where nobody asked. */
      readonly death: Death | undefined;
      readonly next: NextStep;
    }
    /** What it left behind is gone. */
    | {
      readonly kind: "swept";
      /** How many processes had to be killed. */
      readonly orphans: number;
      /** Since its death was seen, ms. */
      readonly afterMs: number;
    }
    /** Its next run has been spawned, and waits until it may begin. */
    | { readonly kind: "held"; readonly pid: number }
    /** Somebody stopped it by hand. */
    | { readonly kind: "halted" }
  );
