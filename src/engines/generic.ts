/**
 * Any other command.
 *
 * @module
 */
import type { EngineProfile } from "./profile.ts";

/** Nothing is known of it. */
export const GENERIC: EngineProfile = {
  name: "generic",
  title: "a command of its own kind",
  commands: [],
  causes: [],
  shmNames: [],
  tmpSockets: [],
};
