/**
 * The parts of one supervised run around supervisord: who watches, who stops, who cleans up.
 *
 * @module
 */
import { closeAll } from "../log/detach.ts";
import { errorText } from "../log/error_text.ts";
import { type ChildDeaths, NO_CHILD_DEATHS, noteChildDeath } from "../policy/child_deaths.ts";
import { describeLostFeatures, describeUnsignalable } from "../processes/lost_features.ts";
import { ChildWatch } from "../processes/child_watch.ts";
import { Family, type Member } from "../processes/family.ts";
import {
  findTemporary,
  listPresent,
  type PresentFiles,
  SHARED_MEMORY,
} from "../cleanup/present_files.ts";
import { ProcessWatch } from "../processes/process_watch.ts";
import { adoptOrphans, Reaper } from "../processes/reaper.ts";
import { Remains } from "../cleanup/remains.ts";
import type { Run } from "../processes/runs.ts";
import { EngineOutput } from "../output/engine_output.ts";
import type { SupervisordLogState } from "../supervisord/log_state.ts";
import type { OutputWriters } from "../output/plan_output.ts";
import type { OutputTail } from "../output/output_tail.ts";
import type { SupervisordProcess } from "../supervisord/supervisord_process.ts";
import { DeathDiagnosis } from "../diagnosis/death_diagnosis.ts";
import { EngineWatch } from "../health/engine_watch.ts";
import type { EngineRemains } from "../cleanup/engine_remains.ts";
import type { Evidence } from "../diagnosis/hang_report.ts";
import { Observer } from "./observer.ts";
import type { PreparedRun } from "./prepare_run.ts";
import { RunClock } from "./run_clock.ts";
import type { SpawnedRun } from "./spawn_run.ts";
import { StartGate } from "./start_gate.ts";
import { Stopping } from "./stopping.ts";
import type { SuperviseOptions } from "./supervise_options.ts";

/** The parts. */
export interface RunParts {
  readonly clock: RunClock;
  readonly logState: SupervisordLogState;
  readonly supervisord: SupervisordProcess;
  readonly family: Family;
  readonly watch: ProcessWatch;
  readonly remains: Remains;
  readonly stopping: Stopping;
  readonly health: EngineWatch;
  readonly observer: Observer;
  readonly diagnosis: DeathDiagnosis;
  /** Keeps what can be seen of an engine that hangs; `undefined` where nobody asked for it. */
  readonly evidence: Promise<Evidence> | undefined;
  /** Loads what is known of what the engine leaves, once its first run has begun. */
  readonly learnEngine: () => void;
  /** The engine's last words; absent where its output does not go through us. */
  readonly tail: OutputTail | undefined;
  /** Where the engine's next run waits to begin. */
  readonly gate: StartGate;
  /** What leads to our output. */
  readonly outputWriters: OutputWriters;
  /** Ends everything once supervisord has ended: nothing of ours may outlive it. */
  readonly close: () => Promise<void>;
}

/** Puts everything around supervisord. */
export function assembleRun(
  options: SuperviseOptions,
  prepared: PreparedRun,
  spawned: SpawnedRun,
): RunParts {
  const { configuration, env, signals, log } = options;
  const { settings } = configuration;
  const { supervisord, logState, marks, guard, libc } = spawned;
  const { pid } = supervisord;
  const [urgent, hint] = [spawned.urgent, spawned.hint];
  const clock = new RunClock();
  const { ownChildren } = options;
  const { pipes, enginePipes, outputWriters, isOwn } = prepared.output;
  const engineOutput = enginePipes === undefined
    ? undefined
    : new EngineOutput({ pipes: enginePipes, outputWriters, isOwn, libc, ownChildren, log });
  for (const own of [Deno.pid, pid, ...[guard, pipes, enginePipes].flatMap(listPids)]) {
    ownChildren.add(own);
  }
  const adopts = (options.adoption !== "none" && adoptOrphans(libc)) || Deno.pid === 1;
  const family = new Family({
    ...{ supervisord: pid, marker: prepared.marker, marks, adopts, spared: ownChildren },
    onLook: watchChildren(options, clock),
  });
  const reaper = adopts && libc !== undefined
    ? new Reaper(
      libc,
      ownChildren,
      options.adoption === "all" ? undefined : (zombie) => family.owns(zombie),
    )
    : undefined;
  const muteness = describeUnsignalable(prepared.foreignPrograms, { stops: prepared.changesUser });
  for (const text of [describeLostFeatures(), muteness]) {
    if (text !== undefined) log.warn(text);
  }
  const watch = new ProcessWatch({
    libc,
    family,
    supervisord: pid,
    log,
    // supervisord restarts the others itself: woken for each death, it would never pause.
    onDeath: (isManaged) => isManaged ? urgent() : hint(),
  });
  family.watch();
  // Begun before there is an engine; Python takes longer to start.
  const present = listPresent(
    settings.shmCleanup === "auto" ? [SHARED_MEMORY, findTemporary(env)] : [],
  );
  let engineRemains: Promise<EngineRemains | undefined> | undefined;
  const remains = new Remains({
    programs: watch,
    gpuTimeoutMs: settings.gpuReleaseTimeoutSecs * 1000,
    reap: () => reaper?.reap(),
    clearWay: async (name, { left }) => {
      if (prepared.engineNames.has(name)) await (await engineRemains)?.clearAfter(name, left);
    },
    clearRest: async () => await (await engineRemains)?.clearFiles("the engine"),
    log,
  });
  const stopping = new Stopping({
    orders: prepared.stopOrders,
    programs: watch,
    supervisord,
    outputWriters,
    isRelayed: engineOutput !== undefined,
    hasTold: () => logState.hasTold,
    log,
  });
  const diagnosis = new DeathDiagnosis({
    readLines: async (name, quietMs) => {
      if (engineOutput === undefined || !prepared.engineNames.has(name)) return [];
      await engineOutput.tail.settle(quietMs);
      return engineOutput.tail.readLines();
    },
    findPortHolder: async (name) =>
      prepared.engineNames.has(name)
        ? await (await engineRemains)?.findStranger((process) => family.owns(process))
        : undefined,
    directory: prepared.directory.path,
    log,
  });
  const [engineName = ""] = prepared.engineNames;
  const health = new EngineWatch({
    ...{ configuration, argv: options.argv, env, ownChildren, clock, log, onChange: urgent },
    inheritsEnv: options.inheritsEnv,
    onEvent: options.onEvent,
    isSingle: prepared.engineNames.size === 1,
    startMs: prepared.policy.programs.get(engineName)?.startMs ?? 0,
    look: async (port, leader) => {
      const { lookAtPort } = await import("../cleanup/listeners.ts");
      const members = await family.findMembers() ?? [];
      const engine = members.filter(({ run }) => run?.leader === leader);
      return await lookAtPort(port, leader, engine.map(({ process }) => process));
    },
    readLines: () => engineOutput?.tail.readLines() ?? [],
  });
  options.onView({ tail: engineOutput?.tail, readCounts: () => health.counts });
  const observer = new Observer({
    ...{ supervisord, logState, processes: watch, health, stopping, diagnosis },
    onProgram: options.onEvent,
    engineNames: prepared.engineNames,
    programs: prepared.policy.programs,
    stopSignals: signals.stopSignals,
  });
  const evidence = settings.evidenceDir === ""
    ? undefined
    : loadEvidence(options, watch, engineOutput?.tail);
  const close = async () => {
    // Each of these waits for a process to end, so they wait beside each other.
    const copy = () =>
      Promise.all(
        [supervisord.close(), engineOutput?.release(), pipes?.release()].map((one) =>
          one?.catch((error) => log.error(`copying the last output failed: ${errorText(error)}`))
        ),
      );
    await closeAll(
      [
        () => health.close(),
        () => family.close(),
        () => clock.close(),
        () => Promise.all([copy(), remains.clearAll()]),
        () => guard?.release(),
        () => reaper?.close(),
      ],
      "ending",
      log,
    );
  };
  const learnEngine = () => {
    engineRemains ??= loadEngineRemains(options, spawned, present);
  };
  return {
    ...{ clock, logState, supervisord, family, watch, remains, stopping, health },
    ...{ observer, diagnosis, evidence, learnEngine, close },
    ...{
      tail: engineOutput?.tail,
      outputWriters,
      gate: new StartGate(prepared.directory.gate, libc),
    },
  };
}

async function loadEngineRemains(
  { configuration, argv, env, log }: SuperviseOptions,
  { libc }: SpawnedRun,
  present: Promise<PresentFiles>,
): Promise<EngineRemains | undefined> {
  const { createEngineRemains } = await import("../cleanup/engine_remains.ts");
  return createEngineRemains({ configuration, argv, env, present, libc, log });
}

async function loadEvidence(
  options: SuperviseOptions,
  watch: ProcessWatch,
  tail: OutputTail | undefined,
): Promise<Evidence> {
  const { configuration: { settings }, env, log } = options;
  const [{ Evidence }, { listEvidenceSources }] = await Promise.all([
    import("../diagnosis/hang_report.ts"),
    import("../diagnosis/evidence_sources.ts"),
  ]);
  return new Evidence({
    directory: settings.evidenceDir,
    timeoutMs: settings.hangEvidenceSecs * 1000,
    findProcesses: (name) => watch.findProcesses(name),
    sources: listEvidenceSources(options, tail),
    ...{ env, log, ownChildren: options.ownChildren },
  });
}

function listPids(process: { readonly pid: number } | undefined): number[] {
  return process === undefined ? [] : [process.pid];
}

/** Says once a run that a program's workers die again and again. */
function watchChildren(
  { log }: SuperviseOptions,
  clock: RunClock,
): (members: readonly Member[]) => void {
  const children = new ChildWatch();
  const deaths = new WeakMap<Run, ChildDeaths>();
  return (members) => {
    const { nowMs } = clock;
    for (const { run, ...death } of children.look(members, nowMs)) {
      const before = deaths.get(run) ?? NO_CHILD_DEATHS;
      const noted = noteChildDeath(before, death, run.name ?? `pid ${run.leader}`, nowMs);
      deaths.set(run, noted.deaths);
      if (noted.text !== undefined) log.warn(noted.text);
    }
  };
}
