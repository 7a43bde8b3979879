/**
 * The policy of an engine that is one of several, said once at the start.
 *
 * @module
 */
import { decideGroup, describeGroup, findGroup } from "../engines/group.ts";
import { recogniseEngine } from "../engines/recognise.ts";
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
  const programs = [...policy.programs].map(([name, limits]) =>
    [name, engineNames.has(name) ? { ...limits, group } : limits] as const
  );
  return { ...policy, programs: new Map(programs) };
}
