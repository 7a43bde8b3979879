/**
 * Every rule that tells a cause: those of the machine and its libraries, then each engine's own.
 *
 * @module
 */
import type { CauseRule } from "../engines/cause.ts";
import { GPU_WORDS } from "./gpu_causes.ts";
import { MEMORY_WORDS } from "./memory_causes.ts";
import { MODEL_WORDS } from "./model_causes.ts";
import { PROFILES } from "../engines/profiles.ts";
import { PROCESS_WORDS } from "./process_causes.ts";
import { SYSTEM_WORDS } from "./system_causes.ts";

/** The rules, in no particular order: each line is told by the strongest that it fits. */
export const CAUSE_RULES: readonly CauseRule[] = [
  ...MEMORY_WORDS,
  ...GPU_WORDS,
  ...SYSTEM_WORDS,
  ...MODEL_WORDS,
  ...PROCESS_WORDS,
  ...Object.values(PROFILES).flatMap(({ causes }) => causes),
];

/** Those that also tell in a line which is logged as information or warning. */
export const MILD_RULES: readonly CauseRule[] = CAUSE_RULES.filter(({ atAnyLevel }) => atAnyLevel);
