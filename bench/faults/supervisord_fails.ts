/** supervisord itself is killed or frozen. */
import { kill, type Scenario } from "./scenario.ts";

/** The scenarios, in the table's order. */
export const SUPERVISORD_FAILS: readonly Scenario[] = [
  {
    name: "SIGKILL supervisord",
    expects: { kind: "exits", code: 125, withinMs: 2_000 },
    inflict: ({ supervisord }) => kill(supervisord, "SIGKILL"),
  },
  {
    name: "SIGSTOP supervisord",
    expects: { kind: "exits", code: 125, withinMs: 45_000 },
    parallel: 20,
    inflict: ({ supervisord }) => kill(supervisord, "SIGSTOP"),
  },
  {
    name: "SIGSTOP supervisord, then SIGTERM",
    expects: { kind: "exits", code: 0, withinMs: 8_000 },
    parallel: 4,
    inflict: ({ supervisord, program }) => {
      kill(supervisord, "SIGSTOP");
      kill(program, "SIGTERM");
    },
  },
];
