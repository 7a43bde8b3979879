/**
 * Finds out before anything starts whether the command can run at all.
 *
 * @module
 */
import { lookUpCommand } from "./command_lookup.ts";
import type { Configuration, Environment } from "./configuration.ts";
import type { Outcome } from "./outcome.ts";

/**
 * Looks the command up, unless the engine's own section makes that undecidable: its `environment` may
 * set another PATH, its `directory` moves relative paths, and its `user` may see other files.
 *
 * @param configuration What the environment asks for.
 * @param argv The command and its arguments.
 * @param env The environment.
 * @returns How it would end; `undefined` where nothing speaks against it.
 */
export function preflight(
  configuration: Configuration,
  argv: readonly string[],
  env: Environment,
): Outcome | undefined {
  const [command = ""] = argv;
  const section = configuration.sections.get(`program:${configuration.engineName}`);
  const changesPath = /(^|,)\s*PATH\s*=/.test(section?.get("environment") ?? "");
  const isRelative = command.includes("/") && !command.startsWith("/");
  if (section?.has("user")) return undefined;
  if (isRelative ? section?.has("directory") : !command.startsWith("/") && changesPath) {
    return undefined;
  }
  const lookup = lookUpCommand(command, env.PATH);
  return lookup.kind === "found"
    ? undefined
    : { kind: `command_${lookup.kind}`, reason: lookup.reason };
}
