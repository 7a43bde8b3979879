/**
 * An event as JSON for other programs: stable names, as in the log in JSON. docs/events.md tells them; a
 * field may be added, and is never renamed or removed within one `version`.
 *
 * @module
 */
import { exitToCode } from "../formats/exit.ts";
import { maskText } from "../formats/secrets.ts";
import { isCounted } from "../policy/engine_event.ts";
import { listFields } from "../policy/death_words.ts";
import type { LaunchEvent } from "./launch_event.ts";

/** The shape's version. */
export const EVENT_VERSION = 1;

/** Every event's name, and when it happens. */
export const EVENTS: Readonly<
  Record<LaunchEvent["kind"], { readonly name: string; readonly when: string }>
> = {
  installing: { name: "installing", when: "what the model needs begins to be installed" },
  installed: { name: "installed", when: "that has been installed" },
  spawned: { name: "spawned", when: "a managed process runs, and loads" },
  started: { name: "started", when: "it counts as started" },
  recovered: { name: "recovered", when: "it counts as started again after a death" },
  unhealthy: {
    name: "unhealthy",
    when: "its probe fails, or it is not ready in time: it is stopped",
  },
  draining: {
    name: "draining",
    when: "it was told to stop and drains: past its memory limit, or by hand",
  },
  died: { name: "died", when: "it ended by itself, or since it was unhealthy" },
  swept: { name: "swept", when: "what it left behind is gone" },
  held: {
    name: "held",
    when: "its next run is spawned and waits: for its back-off, the GPU or a port",
  },
  halted: { name: "halted", when: "somebody stopped it by hand" },
  program: { name: "program", when: "a sidecar does something else than before" },
  probe: { name: "probe", when: "the engine's probe gives another answer than before" },
  stopping: { name: "stopping", when: "everything begins to be stopped" },
  gaveUp: {
    name: "gave_up",
    when: "all has ended, since a limit was reached or recovery is hopeless",
  },
  stopped: { name: "stopped", when: "all has ended in any other way" },
};

/** One event. Fields that do not apply are absent. */
export interface EventRecord {
  readonly version: number;
  /** Counted from 1 within one launch. */
  readonly seq: number;
  /** When, ISO 8601 in UTC. */
  readonly ts: string;
  /** A name of {@linkcode EVENTS}. */
  readonly event: string;
  readonly [field: string]: string | number | boolean | readonly string[] | undefined;
}

/** Renders an event. */
export function renderEventRecord(event: LaunchEvent, seq: number): EventRecord {
  const name = EVENTS[event.kind].name;
  return {
    version: EVENT_VERSION,
    seq,
    ts: event.at.toISOString(),
    ...listOf(event),
    event: name,
  };
}

type Fields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

function listOf(event: LaunchEvent): Fields {
  switch (event.kind) {
    case "installing":
    case "installed":
      return {};
    case "probe":
      return {
        ok: event.reason === undefined,
        reason: event.reason === undefined ? undefined : maskText(event.reason),
      };
    case "stopping":
      return { reason: maskText(event.reason) };
    case "gaveUp":
    case "stopped":
      return {
        outcome: event.outcome.kind,
        exit_code: event.exit.code,
        reason: maskText(event.exit.text),
        cause: "death" in event.outcome ? event.outcome.death?.cause : undefined,
      };
    case "program": {
      const { name, state, pid, exit } = event;
      return { program: name, state, pid, ...listExit(exit) };
    }
    default:
      return listRun(event);
  }
}

type RunEvent = Extract<LaunchEvent, { readonly run: number }>;

function listRun(event: RunEvent): Fields {
  const which = {
    program: event.name,
    run: event.run,
    pid: "pid" in event ? event.pid : undefined,
  };
  const durationMs = "afterMs" in event ? Math.round(event.afterMs) : undefined;
  switch (event.kind) {
    case "recovered":
      return { ...which, duration_ms: durationMs, down_ms: Math.round(event.downMs) };
    case "unhealthy":
    case "draining":
      return { ...which, reason: maskText(event.reason) };
    case "swept":
      return { ...which, orphans: event.orphans, duration_ms: durationMs };
    case "died": {
      const { death, next, wasStarted } = event;
      return {
        ...listFields(event),
        was_started: wasStarted,
        limit: isCounted(next) && Number.isFinite(next.limit) ? next.limit : undefined,
        rule: next.kind === "none" ? next.rule : undefined,
        meaning: death?.meaning,
        evidence: death?.evidence.map(maskText),
        advice: death?.advice,
      };
    }
    default:
      return { ...which, duration_ms: durationMs };
  }
}

function listExit(exit: Extract<LaunchEvent, { readonly kind: "program" }>["exit"]): Fields {
  if (exit === undefined) return {};
  return { exit_code: exitToCode(exit), signal: exit.kind === "signal" ? exit.signal : undefined };
}
