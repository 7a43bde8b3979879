/**
 * Finds out before anything starts whether the command can run at all.
 *
 * @module
 */
import { lookUpCommand } from "../host/command_lookup.ts";
import type { Configuration, Environment } from "../configuration/configuration.ts";
import type { ConfigurationIssue } from "../formats/configuration_error.ts";
import { parseProgramHeader } from "../formats/section_header.ts";
import { findUid } from "../host/host_facts.ts";
import { isGranted } from "../host/ask_permission.ts";
import { MASK } from "../formats/mask_credentials.ts";
import type { Outcome } from "../policy/outcome.ts";
import { originKey } from "../formats/render.ts";
import { expandWithEnvironment } from "../document/section_reader.ts";

/**
 * Looks the command up, unless the engine's own section makes that undecidable: its `environment` may
 * set another PATH, its `directory` moves relative paths, and its `user` may see other files.
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

/**
 * Finds what supervisord accepts and then fails at, the same way at every start: a `directory` that
 * does not exist, a `user` that only root may become; and what we cannot do ourselves: give a password
 * that is only known as a digest, run a probe that is not there.
 */
export function findHopeless(
  configuration: Configuration,
  env: Environment,
): ConfigurationIssue[] {
  const issues: ConfigurationIssue[] = [];
  const add = (section: string, key: string, expected: string, value: string) =>
    issues.push({
      variable: configuration.origins.get(originKey(section, key)) ?? originKey(section, key),
      value,
      expected,
    });
  for (const [header, section] of configuration.sections) {
    const read = (key: string) => expandWithEnvironment(section.get(key) ?? "", env);
    const directory = read("directory");
    if (parseProgramHeader(header) !== undefined && directory !== "" && !directory.includes("%")) {
      if (!isDirectory(directory)) add(header, "directory", "a directory that exists", directory);
    }
    const user = read("user");
    const uid = user === "" ? undefined : findUid(user);
    const own = isGranted({ name: "sys", kind: "uid" }) ? Deno.uid() : 0;
    if (own !== 0 && uid !== undefined && uid !== own) {
      const expected = `the user that runs this, number ${own}, since only root may change it`;
      add(header, "user", expected, user);
    }
  }
  const password = configuration.sections.get("unix_http_server")?.get("password") ?? "";
  if (password.startsWith("{SHA}")) {
    const expected = "a password in plain text, since standard-supervisor itself has to give it";
    add("unix_http_server", "password", expected, password);
  }
  const { healthCommand, canaryCommand, onEvent } = configuration.settings;
  for (
    const [variable, command] of [
      ["PROCESS_HEALTH_COMMAND", healthCommand[0]],
      ["PROCESS_CANARY_COMMAND", canaryCommand[0]],
      ["PROCESS_ON_EVENT", onEvent[0]],
    ] as const
  ) {
    if (command === undefined) continue;
    const lookup = lookUpCommand(command, env.PATH);
    if (lookup.kind === "found") continue;
    const hint = lookup.reason;
    issues.push({ variable, value: MASK, expected: "a command that can run", hint });
  }
  return issues;
}

function isDirectory(path: string): boolean {
  if (!isGranted({ name: "read", path })) return true; // Nothing speaks against it.
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
