/**
 * What happened to an engine, as data: what the policy saw and decided, beside what it says of it.
 *
 * @module
 */
import type { Exit } from "../formats/exit.ts";

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
  /** No restart: none is due, or a limit is reached. */
  | { readonly kind: "none" };

/** What happened to one of the engine's processes; `name` is supervisord's, `group:process`. */
export type EngineEvent =
  /** It runs and loads. */
  | { readonly kind: "spawned"; readonly name: string; readonly pid: number }
  /** It counts as started: alive for `startsecs`, or its probe calls it ready. */
  | {
    readonly kind: "started";
    readonly name: string;
    readonly pid: number;
    /** Since it was spawned, ms. */
    readonly afterMs: number;
  }
  /** It counts as started again after a death. */
  | {
    readonly kind: "recovered";
    readonly name: string;
    readonly pid: number;
    /** Since it was spawned, ms. */
    readonly afterMs: number;
    /** Since the death, ms. */
    readonly downMs: number;
  }
  /** Its probe fails, or it is not ready in time: it is being stopped. */
  | {
    readonly kind: "unhealthy";
    readonly name: string;
    readonly pid: number;
    readonly reason: string;
  }
  /** It ended by itself, or since it was unhealthy. */
  | {
    readonly kind: "died";
    readonly name: string;
    /** `undefined` where it died before it was seen. */
    readonly pid: number | undefined;
    /** `undefined` where it was stopped as unhealthy. */
    readonly exit: Exit | undefined;
    /** Since it was spawned, ms. */
    readonly afterMs: number;
    readonly next: NextStep;
  };
