/**
 * The status as a JSON document: what `--status --json`, the status file and `/status` give. Its shape is
 * `docs/status.schema.json`; a field may be added, and is never renamed or removed within one `version`.
 *
 * @module
 */
import { type Exit, exitToCode, renderExit } from "../formats/exit.ts";
import { findDelayMs, isCounted } from "../policy/engine_event.ts";
import { maskText } from "../formats/secrets.ts";
import type { Instance, Limits } from "./instance.ts";
import type { RunRecord } from "../events/run_record.ts";
import type { EngineStatus, SidecarStatus, SupervisionStatus } from "./status.ts";
import { describeSituation, findEngineState, type State } from "./situation.ts";

/** The shape's version. */
export const STATUS_VERSION = 1;

/** A time of day, ISO 8601 in UTC. */
export type Timestamp = string;

/** How a process ended. */
export interface ExitDocument {
  /** The code that a shell would give. */
  readonly exit_code: number;
  /** The signal that ended it, where one did. */
  readonly signal: string | null;
  /** In words. */
  readonly text: string;
}

/** What is known of a program's recoveries. */
export type Recoveries = NonNullable<ProgramDocument["recoveries"]>;

/** One program. */
export interface ProgramDocument {
  readonly name: string;
  /** `sidecar` for those that supervisord alone restarts. */
  readonly role: "engine" | "critical" | "sidecar";
  readonly state: State;
  readonly since: Timestamp;
  readonly pid: number | null;
  /** How often it was spawned; `null` where that is not counted. */
  readonly starts: number | null;
  /** Recoveries inside the window; a `limit` of `null` is none. */
  readonly recoveries: {
    readonly used: number;
    readonly limit: number | null;
    readonly left: number | null;
    readonly window_secs: number;
    /** When those began that are used. */
    readonly began_at: readonly Timestamp[];
  } | null;
  /** Failed starts in a row. */
  readonly failed_starts: { readonly count: number; readonly limit: number } | null;
  readonly last_exit: ExitDocument | null;
  /** What comes next, where it is known. */
  readonly next: { readonly action: string; readonly at: Timestamp | null } | null;
}

/** One run of a managed process. */
export interface RunDocument {
  readonly program: string;
  readonly run: number;
  readonly pid: number | null;
  readonly spawned_at: Timestamp;
  readonly started_at: Timestamp | null;
  readonly died_at: Timestamp | null;
  readonly swept_at: Timestamp | null;
  readonly exit: ExitDocument | null;
  /** Whether a stop of everything ended it, or somebody by hand. */
  readonly stopped: boolean;
  /** Why it was stopped as unhealthy. */
  readonly unhealthy: string | null;
  readonly unhealthy_at: Timestamp | null;
  readonly cause: string | null;
  readonly meaning: string | null;
  /** Lines that told, secrets masked. */
  readonly evidence: readonly string[];
  readonly advice: string | null;
  /** What its death led to: a recovery, a retry, or none and why. */
  readonly next: {
    readonly action: "recovery" | "retry" | "recycle" | "none";
    readonly attempt: number | null;
    readonly limit: number | null;
    readonly delay_ms: number | null;
    readonly rule: string | null;
  } | null;
  /** Processes that it left behind. */
  readonly orphans: number | null;
}

/** The whole status. */
export interface StatusDocument {
  readonly version: number;
  readonly at: Timestamp;
  readonly instance: {
    readonly pid: number;
    readonly start_ticks: string | null;
    /** The pid namespace that the pids are of. */
    readonly pid_namespace: string | null;
    readonly supervisord_pid: number | null;
    readonly supervisor_version: string;
    readonly started_at: Timestamp;
    readonly config_path: string;
    readonly engine: string;
    readonly command: readonly string[];
  };
  /** The worst state of the engine's processes, or that of the whole. */
  readonly state: State;
  readonly since: Timestamp;
  /** Whether requests should be sent to it. */
  readonly ready: boolean;
  /** Whether it has started and is well; true also while it drains. */
  readonly healthy: boolean;
  /** One sentence for people. */
  readonly reason: string;
  readonly probe: {
    readonly ok: boolean;
    readonly reason: string | null;
    readonly since: Timestamp;
  } | null;
  readonly programs: readonly ProgramDocument[];
  /** The last runs of managed processes, oldest first. */
  readonly runs: readonly RunDocument[];
  /** How everything ended; `null` while it goes on. */
  readonly exit: { readonly code: number; readonly text: string } | null;
}

/** Renders the status. */
export function renderStatus(
  status: SupervisionStatus,
  instance: Instance,
  now: Date,
): StatusDocument {
  return {
    version: STATUS_VERSION,
    at: now.toISOString(),
    instance: {
      pid: instance.pid,
      start_ticks: instance.startTicks ?? null,
      pid_namespace: instance.pidNamespace ?? null,
      supervisord_pid: instance.supervisordPid ?? null,
      supervisor_version: instance.version,
      started_at: instance.startedAt.toISOString(),
      config_path: instance.configPath,
      engine: instance.engine,
      command: instance.command,
    },
    ...describeSituation(status, instance, now),
    probe: status.probe === undefined ? null : {
      ok: status.probe.reason === undefined,
      reason: status.probe.reason === undefined ? null : maskText(status.probe.reason),
      since: status.probe.since.toISOString(),
    },
    programs: [
      ...status.engines.map((engine) => renderEngine(engine, status, instance, now)),
      ...status.sidecars.map(renderSidecar),
    ],
    runs: status.runs.map(renderRun),
    exit: status.exit === undefined
      ? null
      : { code: status.exit.code, text: maskText(status.exit.text) },
  };
}

function renderEngine(
  engine: EngineStatus,
  status: SupervisionStatus,
  { engineNames, limits }: Instance,
  now: Date,
): ProgramDocument {
  const own = limits.get(engine.name);
  const { next, since } = engine;
  const isDue = engine.state === "down" && next !== undefined && status.exit === undefined;
  return {
    name: engine.name,
    role: engineNames.has(engine.name) ? "engine" : "critical",
    state: findEngineState(engine, status, now),
    since: since.toISOString(),
    pid: engine.pid ?? null,
    starts: engine.starts,
    recoveries: own === undefined ? null : renderRecoveries(engine, own, now),
    failed_starts: own === undefined
      ? null
      : { count: engine.failedStarts, limit: own.maxStartRetries },
    last_exit: engine.lastExit === undefined ? null : renderExitDocument(engine.lastExit),
    next: !isDue ? null : {
      action: next.kind === "none" ? "end" : next.kind,
      at: next.kind === "none" ? null : new Date(since.getTime() + findDelayMs(next)).toISOString(),
    },
  };
}

function renderRecoveries(
  { recoveries }: EngineStatus,
  { maxRecoveryAttempts, recoveryWindowMs }: Limits,
  now: Date,
): ProgramDocument["recoveries"] {
  const limit = Number.isFinite(maxRecoveryAttempts) ? maxRecoveryAttempts : null;
  return countRecoveries({
    limit,
    window_secs: recoveryWindowMs / 1000,
    began_at: recoveries.map((at) => at.toISOString()),
  }, now);
}

/** Counts the recoveries that are inside the window. */
export function countRecoveries(
  { limit, window_secs, began_at }: Pick<Recoveries, "limit" | "window_secs" | "began_at">,
  now: Date,
): Recoveries {
  const inside = began_at.filter((at) => now.getTime() - Date.parse(at) < window_secs * 1000);
  const used = inside.length;
  const left = limit === null ? null : Math.max(0, limit - used);
  return { used, limit, left, window_secs, began_at: inside };
}

function renderSidecar({ name, state, since, pid, lastExit }: SidecarStatus): ProgramDocument {
  return {
    name,
    role: "sidecar",
    state: state === "stopping" ? "draining" : state,
    since: since.toISOString(),
    pid: pid ?? null,
    starts: null,
    recoveries: null,
    failed_starts: null,
    last_exit: lastExit === undefined ? null : renderExitDocument(lastExit),
    next: null,
  };
}

function renderExitDocument(exit: Exit): ExitDocument {
  return {
    exit_code: exitToCode(exit),
    signal: exit.kind === "signal" ? exit.signal ?? null : null,
    text: renderExit(exit),
  };
}

function renderRun(run: RunRecord): RunDocument {
  const { next } = run;
  return {
    program: run.name,
    run: run.run,
    pid: run.pid ?? null,
    spawned_at: run.spawnedAt.toISOString(),
    started_at: run.startedAt?.toISOString() ?? null,
    died_at: run.diedAt?.toISOString() ?? null,
    swept_at: run.sweptAt?.toISOString() ?? null,
    exit: run.exit === undefined ? null : renderExitDocument(run.exit),
    stopped: run.wasStopped ?? false,
    unhealthy: run.unhealthy === undefined ? null : maskText(run.unhealthy),
    unhealthy_at: run.unhealthyAt?.toISOString() ?? null,
    cause: run.death?.cause ?? null,
    meaning: run.death?.meaning ?? null,
    evidence: run.death?.evidence.map(maskText) ?? [],
    advice: run.death?.advice ?? null,
    next: next === undefined ? null : {
      action: next.kind,
      attempt: isCounted(next) ? next.count : null,
      limit: isCounted(next) && Number.isFinite(next.limit) ? next.limit : null,
      delay_ms: isCounted(next) ? next.delayMs : null,
      rule: next.kind === "none" ? next.rule : null,
    },
    orphans: run.orphans ?? null,
  };
}
