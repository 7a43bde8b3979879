/** standard-supervisor itself is killed: nothing runs on without it. */
import { kill, type Scenario, type Scene } from "./scenario.ts";

const ENDS = {
  expects: { kind: "exits", code: 128 + 9, withinMs: 6_000 },
  killsProgram: { lingerSecs: 8 },
  parallel: 4,
  inflict: ({ program }: Scene) => kill(program, "SIGKILL"),
} as const satisfies Omit<Scenario, "name">;

/** The scenarios, in the table's order. */
export const PROGRAM_KILLED: readonly Scenario[] = [
  { name: "SIGKILL CLI", ...ENDS },
  {
    name: "SIGKILL CLI, engine ignores SIGTERM",
    ...ENDS,
    engineArgs: ["--ignore-term", "--daemon-worker", "--clobber-environ-worker", "session"],
  },
];
