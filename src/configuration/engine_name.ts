/**
 * What the engine's program is called.
 *
 * @module
 */

import { splitVariableName } from "./variable_names.ts";

/** The engine's section is `[program:llm_engine]` unless another name is given. */
export const DEFAULT_ENGINE_NAME = "llm_engine";

/** The Python package's name for it, which its variables spell `SUPERVISOR_PROGRAM__APP_*`. */
const ORIGINAL_ENGINE_NAME = "app";

/** The names of programs that a variable addresses, by itself or as members of a group. */
function listAddressed(variable: string, value: string): readonly string[] {
  const target = splitVariableName(variable);
  if (target?.kind === "program") return [target.name ?? ""];
  const isGroup = target?.kind === "group" && target.key === "programs";
  return isGroup ? value.split(",").map((name) => name.trim()) : [];
}

/**
 * Finds what the environment calls the engine, so that `supervisorctl`, event listeners and scripts that
 * look for that name find it.
 */
export function findEngineName(env: Readonly<Record<string, string>>): string {
  const addressed = new Set(
    Object.entries(env)
      .filter(([name]) => /^SUPERVISOR_(PROGRAM|GROUP)__/.test(name))
      .flatMap(([name, value]) => listAddressed(name, value)),
  );
  const isOriginal = addressed.has(ORIGINAL_ENGINE_NAME) && !addressed.has(DEFAULT_ENGINE_NAME);
  return isOriginal ? ORIGINAL_ENGINE_NAME : DEFAULT_ENGINE_NAME;
}
