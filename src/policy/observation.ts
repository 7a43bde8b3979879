/**
 * What the policy is told, and what it may order: the two sides of a decision, as data.
 *
 * @module
 */
import type { Exit } from "../formats/exit.ts";
import type { LogFields } from "../log/logger.ts";
import type { Death } from "./cause.ts";

/** What supervisord says of one process, told in the terms that the policy needs. */
export type ProcessStatus =
  /** Spawned and not known to be dead. */
  | { readonly kind: "alive"; readonly pid: number }
  /** Being stopped on somebody's order. */
  | { readonly kind: "stopping" }
  /** Stopped on somebody's order, or never started. */
  | {
    readonly kind: "stopped";
    /** Whether this supervisord has never spawned it: so again after a `supervisorctl reload`. */
    readonly isNew?: boolean | undefined;
  }
  /** Ended by itself, or could not be spawned. */
  | { readonly kind: "ended"; readonly exit: Exit; readonly spawnError: string | undefined };

/** A step in the life of a process, as supervisord's log shows it. */
export type LifeStep =
  & {
    /** When, ms, by a clock that is good for differences only. */
    readonly atMs: number;
  }
  & (
    | { readonly kind: "spawned"; readonly pid: number }
    | {
      /** `exited` by itself, or `stopped` because supervisord was told to stop it. */
      readonly kind: "exited" | "stopped";
      readonly exit: Exit;
      /** Why it died, if that is known. */
      readonly death?: Death | undefined;
    }
  );

/** One process as last observed. */
export interface ProcessObservation {
  /** supervisord's name for it, `group:process`. */
  readonly name: string;
  /** Whether it is one of the engine's processes. */
  readonly isEngine: boolean;
  /** Whether supervisord itself gave up on it (FATAL). */
  readonly isFatal: boolean;
  /** What it does. */
  readonly status: ProcessStatus;
  /** What it has gone through since the last observation, oldest first, as far as that is known. */
  readonly steps?: readonly LifeStep[];
}

/** What is known of supervisord. */
export type SupervisordStatus =
  | { readonly kind: "starting" }
  | {
    readonly kind: "answering";
    /** Whether it stops all its programs, on somebody else's order: it answers nothing else then. */
    readonly isEnding?: boolean | undefined;
  }
  /** It runs, but has not answered; `hung` once that has lasted too long to hope. */
  | { readonly kind: "silent"; readonly hung: boolean }
  | {
    readonly kind: "ended";
    readonly code: number;
    readonly signal: string | undefined;
    /** Whether it ever worked. */
    readonly hasAnswered: boolean;
  };

/** Where a stop of everything stands. */
export interface StopProgress {
  /** Whether anything is left that is still given time; `undefined` where that cannot be seen. */
  readonly isWaiting: boolean | undefined;
  /** What was killed because its grace was over, a phrase each. */
  readonly killed: readonly string[];
  /** What still runs since it may not be signalled, a phrase each. */
  readonly refused?: readonly string[];
}

/** Why an engine process is to be stopped. */
export interface Unhealthiness {
  /** Why, in words. */
  readonly reason: string;
  /** `hang` where it makes no progress; `undefined` where only a probe fails. */
  readonly cause: "hang" | undefined;
}

/** What an engine uses. */
export interface MemoryUse {
  /** Its processes' own memory, bytes. */
  readonly usedBytes: number;
  /** Whether no request runs; `undefined` where that cannot be told. */
  readonly isIdle: boolean | undefined;
}

/** Everything the policy is told at one moment. */
export interface Observation {
  /** The signals that asked for a stop so far, in order. */
  readonly stopSignals: readonly string[];
  /** supervisord itself. */
  readonly supervisord: SupervisordStatus;
  /** Its processes; those last heard of where it does not answer now. */
  readonly processes: readonly ProcessObservation[];
  /** The last run of each process whose orphans have been killed. */
  readonly swept: ReadonlyMap<string, number>;
  /** The last run of each process after which all is clear for the next: the GPU, ports, files. */
  readonly cleared?: ReadonlyMap<string, number>;
  /** Where the stop stands; `undefined` where none has begun. */
  readonly stop?: StopProgress | undefined;
  /** The processes whose next run was spawned to wait for its release. */
  readonly held?: ReadonlySet<string>;
  /** The engine processes that their probe calls ready; `undefined` where there is no probe. */
  readonly ready?: ReadonlySet<string> | undefined;
  /** Why the engine processes that have ended died, as far as that is known. */
  readonly deaths?: ReadonlyMap<string, Death> | undefined;
  /**
   * The engine processes that do not count as started yet, whatever `startsecs` says, since their own
   * port does not answer; one that ends so has failed its start.
   */
  readonly loading?: ReadonlySet<string> | undefined;
  /** The engine processes that are unhealthy. */
  readonly unhealthy?: ReadonlyMap<string, Unhealthiness> | undefined;
  /** What the engine processes use, where that is watched. */
  readonly memory?: ReadonlyMap<string, MemoryUse> | undefined;
  /** The engine processes of whose hang all evidence was collected. */
  readonly evidenced?: ReadonlySet<string> | undefined;
  /** Whether the kernel's OOM killer has just ended a process of this container. */
  readonly isOutOfMemory?: boolean | undefined;
  /**
   * What ended processes left running in the background on purpose: the pids by the name of the process
   * that daemonized.
   */
  readonly daemonized?: ReadonlyMap<string, readonly number[]> | undefined;
}

/** What the loop is to do. */
export type Action =
  /** Kill what the engine process left behind, then report it as swept. */
  | {
    readonly kind: "sweep";
    readonly name: string;
    /** Which run of it. */
    readonly run: number;
  }
  | { readonly kind: "start"; readonly name: string }
  /** Spawn one process that waits for its release before it becomes the command. */
  | { readonly kind: "hold"; readonly name: string }
  | { readonly kind: "release"; readonly name: string }
  /** Stop one process, if it is still the one with that pid, with its own stop signal and grace period. */
  | {
    readonly kind: "stop";
    readonly name: string;
    readonly pid: number;
    readonly reason: string;
  }
  /** Collect evidence of a hang, then report it as collected; nothing waits for it. */
  | { readonly kind: "collect"; readonly name: string; readonly reason: string }
  /** Kill one process that was told to stop and does not end. */
  | { readonly kind: "kill_process"; readonly name: string; readonly pid: number }
  /** Ask supervisord to stop everything and end. */
  | { readonly kind: "shutdown" }
  /** Kill everything at once. */
  | { readonly kind: "kill"; readonly reason: string }
  /** Say it to the user. */
  | {
    readonly kind: "report";
    readonly level: "info" | "warn" | "error";
    readonly text: string;
    /** The facts of it, for a log in JSON. */
    readonly fields?: LogFields;
  };
