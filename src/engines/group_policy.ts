/**
 * The policy of an engine that is one of several, said once at the start.
 *
 * @module
 */
import { decideGroup, describeGroup, findGroup } from "./group.ts";
import { recognizeEngine } from "./recognize.ts";
import type { EnginePolicy } from "../policy/engine_state.ts";
import type { Policy } from "../policy/policy.ts";
import type { Configuration, Environment } from "../configuration/configuration.ts";
import type { Logger } from "../log/logger.ts";

/** What the run was asked for. */
interface GroupNeeds {
  readonly configuration: Configuration;
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly log: Logger;
}

/** Has the engine's crash end the container where it is one of several. */
export function applyGroup(
  policy: Policy,
  engineNames: ReadonlySet<string>,
  { configuration: { settings }, argv, env, log }: GroupNeeds,
): Policy {
  const sign = findGroup(argv, recognizeEngine(argv, settings.engine), env);
  const text = describeGroup(settings.groupRestart, sign);
  if (text !== undefined) log.info(text);
  const group = decideGroup(settings.groupRestart, sign);
  if (group === undefined) return policy;
  return withLimits(policy, engineNames, { group });
}

/** Changes the limits of some processes. */
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
