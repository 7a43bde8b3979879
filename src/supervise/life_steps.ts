/**
 * Brings supervisord's answers and its log into step: what the log shows between two answers is a life or a
 * death that no answer shows.
 *
 * @module
 */
import type { LifeStep } from "../policy/observation.ts";
import type { SupervisordLogState } from "../supervisord/log_state.ts";
import type { ProcessInfo } from "../supervisord/process_info.ts";
import type { SupervisordProcess } from "../supervisord/supervisord_process.ts";

/** Questions to ask at most in a row before supervisord's log counts as incomplete. */
const MAX_ASKED = 5;

/** The programs whose restarts are ours, by name. */
type Programs = ReadonlyMap<string, unknown>;

/**
 * Asks supervisord what its processes do. Its log is read after the answer, and may be ahead of it: then the
 * answer is old, and is asked for again.
 */
export async function readInStep(
  supervisord: SupervisordProcess,
  logState: SupervisordLogState,
  programs: Programs,
): Promise<ProcessInfo[] | undefined> {
  for (let asked = 1;; asked++) {
    const infos = await supervisord.readProcesses();
    const disagreeing = infos?.filter(({ name, shortName, pid }) =>
      programs.has(name) && !agrees(pid, logState.lastStep(shortName))
    ) ?? [];
    if (disagreeing.length === 0) {
      return infos;
    }
    if (asked < MAX_ASKED) {
      continue;
    }
    for (const { shortName } of disagreeing) {
      logState.forgetSteps(shortName);
    }
    return infos;
  }
}

/** Whether supervisord's answer is as new as its log; without steps in the log it is. */
function agrees(pid: number, step: LifeStep | undefined): boolean {
  if (step === undefined) return true;
  return step.kind === "spawned" ? step.pid === pid : pid === 0;
}

/**
 * Takes from the log what managed processes went through since the last call: nothing if their names do not
 * tell two of them apart there.
 */
export function takeSteps(
  infos: readonly ProcessInfo[],
  logState: SupervisordLogState,
  programs: Programs,
): Map<string, LifeStep[]> {
  const steps = new Map<string, LifeStep[]>();
  for (const { name, shortName } of infos) {
    if (!programs.has(name)) continue;
    const taken = [...logState.takeSteps(shortName)];
    const isOnly = infos.filter((other) => other.shortName === shortName).length === 1;
    if (isOnly) steps.set(name, taken);
  }
  return steps;
}

/** The runs that began and ended since the last look, or did so before the last look could see them. */
export function listEndedRuns(
  infos: readonly ProcessInfo[],
  steps: ReadonlyMap<string, readonly LifeStep[]>,
): [name: string, pid: number][] {
  return infos.flatMap(({ name, pid }) =>
    (steps.get(name) ?? []).flatMap((step): [string, number][] =>
      step.kind === "spawned" && step.pid !== pid ? [[name, step.pid]] : []
    )
  );
}
