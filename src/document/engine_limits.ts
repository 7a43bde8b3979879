/**
 * The limits that the policy holds the engine and critical programs to, read from their sections and
 * the settings.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { parseBoolean } from "../formats/boolean.ts";
import { parsePythonInteger } from "../formats/python_text.ts";
import type { ConfigDocument } from "../formats/render.ts";
import type { Autorestart, EnginePolicy } from "../policy/engine_state.ts";
import { isJudged } from "../configuration/health_choice.ts";
import type { Settings } from "../configuration/settings.ts";
import { parseProgramHeader } from "../formats/section_header.ts";
import { splitShellWords } from "../formats/shell_words.ts";
import { findForegroundHint } from "../engines/foreground.ts";
import { DEFAULT_STOP_WAIT_SECS, findProcessNames } from "./programs.ts";
import { SectionReader } from "./section_reader.ts";

function readAutorestart(text: string): Autorestart {
  const word = text.trim();
  if (word.toLowerCase() === "unexpected") return "unexpected";
  return parseBoolean(word) === false ? "never" : "always";
}

/** supervisord's default of `startretries`; the engine's is `PROCESS_MAX_START_RETRIES`. */
const START_RETRIES = 3;

/** Reads the policy's limits of the engine from what the user asked for. */
export function readEnginePolicy(
  document: ConfigDocument,
  engineName: string,
  settings: Settings,
  env: Environment,
): EnginePolicy {
  const header = `program:${engineName}`;
  return {
    ...readLimits(document, header, settings.maxStartRetries, settings, env),
    startupTimeoutMs: isJudged(settings) ? settings.startupTimeoutSecs * 1000 : undefined,
    ...(settings.evidenceDir === "" ? {} : { evidenceMs: settings.hangEvidenceSecs * 1000 }),
  };
}

/** Finds the programs whose restarts are the policy's: the engine, and critical programs. */
export function findManagedHeaders(
  document: ConfigDocument,
  engineName: string,
  criticalPrograms: readonly string[],
): ReadonlyMap<string, string> {
  const managed = new Map([[engineName, `program:${engineName}`]]);
  for (const header of document.keys()) {
    const name = parseProgramHeader(header)?.name;
    if (name === undefined || managed.has(name) || !criticalPrograms.includes(name)) continue;
    managed.set(name, header);
  }
  return managed;
}

/**
 * Reads the limits of every process whose restarts are the policy's. A critical program has a budget of
 * its own, of the same size as the engine's; what its section says of restarts is honoured.
 */
export function readPolicies(
  document: ConfigDocument,
  engineName: string,
  settings: Settings,
  env: Environment,
  hostName: string,
  holdsStarts: boolean,
): ReadonlyMap<string, EnginePolicy> {
  const policies = new Map<string, EnginePolicy>();
  const managed = findManagedHeaders(document, engineName, settings.criticalPrograms);
  for (const [program, header] of managed) {
    const policy = program === engineName
      ? { ...readEnginePolicy(document, engineName, settings, env), holdsStarts }
      : readLimits(document, header, START_RETRIES, settings, env);
    for (const name of findProcessNames(document, program, env, hostName)) {
      policies.set(name, policy);
    }
  }
  return policies;
}

function readLimits(
  document: ConfigDocument,
  header: string,
  startRetries: number,
  settings: Settings,
  env: Environment,
): EnginePolicy {
  const reader = new SectionReader(header, document.get(header) ?? new Map(), env);
  const codes = reader.text("exitcodes", "0").split(",").map((code) => parsePythonInteger(code));
  const foregroundHint = findForegroundHint(splitShellWords(reader.text("command", "")) ?? []);
  const stopWaitMs = reader.integer("stopwaitsecs", DEFAULT_STOP_WAIT_SECS) * 1000;
  return {
    autostart: parseBoolean(reader.text("autostart", "true").trim()) !== false,
    autorestart: readAutorestart(reader.text("autorestart", "unexpected")),
    expectedCodes: new Set(codes.filter((code) => code !== undefined)),
    maxStartRetries: reader.integer("startretries", startRetries),
    maxRecoveryAttempts: settings.maxRecoveryAttempts,
    recoveryWindowMs: settings.recoveryWindowSecs * 1000,
    retriesHopeless: settings.retriesHopeless,
    startMs: reader.integer("startsecs", 1) * 1000,
    stopWaitMs,
    hangGraceMs: Math.min(settings.hangGraceSecs * 1000, stopWaitMs),
    ...(foregroundHint === undefined ? {} : { foregroundHint }),
  };
}
