/**
 * Any other command.
 *
 * @module
 */
import { type EngineProfile, NCCL_SHM_NAMES, PYTHON_SHM_NAMES } from "./profile.ts";

/** Nothing is known of it, but that many a server is a Python script of somebody's own. */
export const GENERIC: EngineProfile = {
  name: "generic",
  title: "a command of its own kind",
  commands: [],
  causes: [],
  shmNames: [...PYTHON_SHM_NAMES, ...NCCL_SHM_NAMES],
  tmpSockets: [],
};
