/** What is measured, in the order of the document. */
import type { Scenario } from "./scenario.ts";
import { DRAIN } from "./scenarios/drain.ts";
import { GIVE_UP } from "./scenarios/give_up.ts";
import { IDLE } from "./scenarios/idle.ts";
import { LATENCY, THROUGHPUT } from "./scenarios/log.ts";
import { MEMORY } from "./scenarios/memory.ts";
import { PACING } from "./scenarios/pacing.ts";
import { RESTART, SWEEP } from "./scenarios/restart.ts";
import { START } from "./scenarios/start.ts";
import { STOP } from "./scenarios/stop.ts";

/** All of them. */
export const SCENARIOS: readonly Scenario[] = [
  ...[START, RESTART, SWEEP, STOP, GIVE_UP, DRAIN, PACING, MEMORY, IDLE, THROUGHPUT, LATENCY],
];
