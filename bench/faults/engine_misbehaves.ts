/** The engine lives on but does not work, or fills its namespace. */
import { waitForEvent } from "../../tests/support/engines.ts";
import { kill, type Scenario } from "./scenario.ts";

/** A probe every second, with a timeout of 1 s, that condemns at the second failure. */
const PROBED: Readonly<Record<string, string>> = {
  PROCESS_HEALTH_URL: "http://127.0.0.1:PORT/health",
  PROCESS_HEALTH_PERIOD_SECS: "1",
  PROCESS_HEALTH_TIMEOUT_SECS: "1",
  PROCESS_HEALTH_FAILURE_THRESHOLD: "2",
  SUPERVISOR_PROGRAM_STOPWAITSECS: "2",
};

/** The first engine hangs while it loads, every later one does not. */
const HANG_ONCE = `[ -e "$0" ] && exec "$@"; : >"$0"; exec "$@" --hang-while-loading`;

/** The scenarios, in the table's order. */
export const ENGINE_MISBEHAVES: readonly Scenario[] = [
  {
    name: "hang while loading",
    expects: { kind: "recovers", withinMs: 10_000 },
    after: "workers",
    env: { ...PROBED, PROCESS_STARTUP_TIMEOUT_SECS: "2" },
    through: (directory) => ["/bin/sh", "-c", HANG_ONCE, `${directory}/hung`],
    parallel: 8,
    inflict: () => {}, // It hangs from the start.
  },
  {
    name: "hang while serving",
    expects: { kind: "recovers", withinMs: 12_000 },
    env: PROBED,
    parallel: 8,
    inflict: ({ order }) => order("/control/hang"),
  },
  {
    name: "SIGSTOP engine",
    expects: { kind: "recovers", withinMs: 15_000 },
    env: PROBED,
    parallel: 8,
    inflict: ({ engine }) => kill(engine.pid, "SIGSTOP"),
  },
  {
    name: "fork bomb of 200 short children",
    expects: { kind: "serves on", withinMs: 5_000 },
    inflict: ({ order }) => order("/control/fork?count=200"),
    settle: async ({ run }) => {
      await waitForEvent(run, "forked");
    },
  },
];
