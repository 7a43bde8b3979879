/**
 * The limits that the policy holds the engine to, read from its section and the settings.
 *
 * @module
 */
import type { Environment } from "../configuration/configuration.ts";
import { parseBoolean } from "../formats/boolean.ts";
import { parsePythonInteger } from "../formats/python_text.ts";
import type { ConfigDocument } from "../formats/render.ts";
import type { Autorestart, EnginePolicy } from "../policy/engine_state.ts";
import type { Settings } from "../settings/settings.ts";
import { SectionReader } from "./section_reader.ts";

function readAutorestart(text: string): Autorestart {
  const word = text.trim();
  if (word.toLowerCase() === "unexpected") return "unexpected";
  return parseBoolean(word) === false ? "never" : "always";
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
