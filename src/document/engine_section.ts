/**
 * What the engine's section says, typed: the limits for the policy, the names of its processes.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import type { Autorestart, EnginePolicy } from "../policy/engine_state.ts";
import { expandValue } from "../formats/expansion.ts";
import { parsePythonInteger } from "../formats/python_text.ts";
import type { ConfigDocument, ConfigSection } from "../formats/render.ts";
import type { Settings } from "../settings/settings.ts";

/** Expands a value whose names the environment gives; the value as it is where it cannot. */
export function expandWithEnvironment(
  value: string,
  env: Environment,
  names: ReadonlyMap<string, string | number> = new Map(),
): string {
  const expansion = expandValue(value, {
    get: (name) => name.startsWith("ENV_") ? env[name.slice(4)] : names.get(name),
  });
  return "text" in expansion ? expansion.text : value;
}

/** Reads options of one section with supervisord's types; values were checked before. */
export class SectionReader {
  readonly #section: ConfigSection;
  readonly #env: Environment;
  readonly #names: ReadonlyMap<string, string | number>;

  /**
   * @param header The section's header.
   * @param section Its values.
   * @param env The environment, for `%(ENV_X)s`.
   */
  constructor(header: string, section: ConfigSection, env: Environment) {
    this.#section = section;
    this.#env = env;
    const name = header.slice(header.indexOf(":") + 1);
    this.#names = new Map([["program_name", name], ["group_name", name]]);
  }

  /** An option as text, expanded. */
  text(key: string, fallback: string): string {
    return expandWithEnvironment(this.#section.get(key) ?? fallback, this.#env, this.#names);
  }

  /** An option as an integer. */
  integer(key: string, fallback: number): number {
    return parsePythonInteger(this.text(key, String(fallback))) ?? fallback;
  }

  /** An option as text, expanded with further names. */
  expand(key: string, fallback: string, names: ReadonlyMap<string, string | number>): string {
    const value = this.#section.get(key) ?? fallback;
    return expandWithEnvironment(value, this.#env, new Map([...this.#names, ...names]));
  }
}

function readAutorestart(text: string): Autorestart {
  switch (text.trim().toLowerCase()) {
    case "unexpected":
      return "unexpected";
    case "false":
    case "no":
    case "off":
    case "0":
      return "never";
    default:
      return "always";
  }
}

/**
 * Reads the policy's limits from what the user asked for.
 *
 * @param document The document before it was managed.
 * @param engineName The engine's program name.
 * @param settings standard-supervisor's own settings.
 * @param env The environment, for `%(ENV_X)s`.
 * @returns The limits of one engine process.
 */
export function readEnginePolicy(
  document: ConfigDocument,
  engineName: string,
  settings: Settings,
  env: Environment,
): EnginePolicy {
  const header = `program:${engineName}`;
  const reader = new SectionReader(header, document.get(header) ?? new Map(), env);
  const codes = reader.text("exitcodes", "0").split(",").map((code) => parsePythonInteger(code));
  return {
    autorestart: readAutorestart(reader.text("autorestart", "unexpected")),
    expectedCodes: new Set(codes.filter((code) => code !== undefined)),
    maxStartRetries: reader.integer("startretries", settings.maxStartRetries),
    maxRecoveryAttempts: settings.maxRecoveryAttempts,
    recoveryWindowMs: settings.recoveryWindowSecs * 1000,
    startMs: reader.integer("startsecs", 1) * 1000,
    startupTimeoutMs: settings.healthUrl === "" && settings.healthCommand.length === 0
      ? undefined
      : settings.startupTimeoutSecs * 1000,
  };
}

/** Headers of what supervisord runs. */
export const RUNNABLE = /^(program|eventlistener|fcgi-program):(.*)$/;

function findGroup(document: ConfigDocument, program: string): string {
  for (const [header, section] of document) {
    if (!header.startsWith("group:")) continue;
    const programs = section.get("programs")?.split(",").map((name) => name.trim());
    if (programs?.includes(program)) return header.slice("group:".length);
  }
  return program;
}

/**
 * Names the processes of a program as supervisord will.
 *
 * @param document The document.
 * @param program The program's name.
 * @param env The environment, for `%(ENV_X)s`.
 * @param hostName What `%(host_node_name)s` stands for.
 * @returns `group:process` each.
 */
export function findProcessNames(
  document: ConfigDocument,
  program: string,
  env: Environment,
  hostName: string,
): ReadonlySet<string> {
  const header = [...document.keys()].find((name) => RUNNABLE.exec(name)?.[2] === program) ??
    program;
  const reader = new SectionReader(header, document.get(header) ?? new Map(), env);
  const group = findGroup(document, program);
  const count = reader.integer("numprocs", 1);
  const first = reader.integer("numprocs_start", 0);
  const names = new Set<string>();
  for (let number = first; number < first + count; number++) {
    const process = reader.expand(
      "process_name",
      "%(program_name)s",
      new Map<string, string | number>([
        ["process_num", number],
        ["numprocs", count],
        ["group_name", group],
        ["host_node_name", hostName],
      ]),
    );
    names.add(`${group}:${process}`);
  }
  return names;
}

const DEFAULT_STOP_WAIT_SECS = 10;

/** What stopping takes beyond the programs' own patience, ms: a loop of supervisord's, and its exit. */
const STOP_MARGIN_MS = 5_000;

/**
 * How long a stop of everything may take: supervisord stops one group after another, and waits for
 * the slowest program of each.
 *
 * @param document The document.
 * @param env The environment, for `%(ENV_X)s`.
 * @returns Milliseconds.
 */
export function findShutdownGraceMs(document: ConfigDocument, env: Environment): number {
  const groups = new Map<string, number>();
  for (const [header, section] of document) {
    const program = RUNNABLE.exec(header)?.[2];
    if (program === undefined) continue;
    const group = findGroup(document, program);
    const reader = new SectionReader(header, section, env);
    const secs = reader.integer("stopwaitsecs", DEFAULT_STOP_WAIT_SECS);
    groups.set(group, Math.max(groups.get(group) ?? 0, secs));
  }
  const totalSecs = [...groups.values()].reduce((sum, secs) => sum + secs, 0);
  return totalSecs * 1000 + STOP_MARGIN_MS;
}
