/** The fault table's rows, in its order. */
import { COMMAND_VANISHES } from "./command_vanishes.ts";
import { ENGINE_DIES } from "./engine_dies.ts";
import { ENGINE_MISBEHAVES } from "./engine_misbehaves.ts";
import { FILES_VANISH } from "./files_vanish.ts";
import { OUTPUT_BLOCKED } from "./output_blocked.ts";
import { PROGRAM_KILLED } from "./program_killed.ts";
import type { Scenario } from "./scenario.ts";
import { STOPPED } from "./stopped.ts";
import { SUPERVISORD_FAILS } from "./supervisord_fails.ts";

/** Every scenario. A new one appears in the table once it stands in a file that is listed here. */
export const SCENARIOS: readonly Scenario[] = [
  ...ENGINE_DIES,
  ...ENGINE_MISBEHAVES,
  ...SUPERVISORD_FAILS,
  ...FILES_VANISH,
  ...STOPPED,
  ...PROGRAM_KILLED,
  ...OUTPUT_BLOCKED,
  ...COMMAND_VANISHES,
];
