/** Who takes part, in the order of the tables. */
import type { Source } from "./contender.ts";
import { CIRCUS } from "./contenders/circus.ts";
import { BARE_DENO, WOKEN_SUPERVISORD } from "./contenders/floors.ts";
import { DUMB_INIT, TINI } from "./contenders/inits.ts";
import { OURS_BUILT, OURS_BY_DENO } from "./contenders/ours.ts";
import { PEBBLE } from "./contenders/pebble.ts";
import { PM2 } from "./contenders/pm2.ts";
import { PROCESS_COMPOSE } from "./contenders/process_compose.ts";
import { PYTHON_ORIGINAL } from "./contenders/python_original.ts";
import { RUNIT } from "./contenders/runit.ts";
import { S6 } from "./contenders/s6.ts";
import { SUPERVISORDS } from "./contenders/supervisord.ts";

/** All of them. */
export const SOURCES: readonly Source[] = [
  ...[OURS_BY_DENO, OURS_BUILT, PYTHON_ORIGINAL, ...SUPERVISORDS],
  ...[CIRCUS, PM2, S6, RUNIT, PEBBLE, PROCESS_COMPOSE, TINI, DUMB_INIT],
  ...[WOKEN_SUPERVISORD, BARE_DENO],
];
