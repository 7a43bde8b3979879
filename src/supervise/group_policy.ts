/**
 * The policy of an engine that is one of several, said once at the start.
 *
 * @module
 */
import { decideGroup, describeGroup, findGroup } from "../engines/group.ts";
import { recogniseEngine } from "../engines/recognise.ts";
import type { EnginePolicy } from "../policy/engine_state.ts";
import type { Policy } from "../policy/policy.ts";
import type { SuperviseOptions } from "./supervise_options.ts";

/**
 * Has the engine's crash end the container where it is one of several.
 *
 * @param policy The policy of one that is alone.
 * @param engineNames The engine's processes, `group:process` each.
 * @param options What the run was asked for.
 * @returns The policy that holds.
 */
export function applyGroup(
  policy: Policy,
  engineNames: ReadonlySet<string>,
  { configuration: { settings }, argv, env, log }: SuperviseOptions,
): Policy {
  const sign = findGroup(argv, recogniseEngine(argv, settings.engine), env);
  const text = describeGroup(settings.groupRestart, sign);
  if (text !== undefined) log.info(text);
  const group = decideGroup(settings.groupRestart, sign);
  if (group === undefined) return policy;
  return withLimits(policy, engineNames, { group });
}

/**
 * Changes the limits of some processes.
 *
 * @param policy The policy.
 * @param names Whose, `group:process` each.
 * @param limits What is changed.
 * @returns The policy that holds then.
 */
export function withLimits(
  policy: Policy,
  names: ReadonlySet<string>,
  limits: Partial<EnginePolicy>,
): Policy {
  const programs = [...policy.programs].map(([name, before]) =>
    [name, names.has(name) ? { ...before, ...limits } : before] as const
  );
  return { ...policy, programs: new Map(programs) };
}
