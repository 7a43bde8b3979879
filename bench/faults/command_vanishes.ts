/** What was there to be started is not there to be restarted. */
import { kill, type Scenario } from "./scenario.ts";

/** A script in the run's directory that becomes the engine. */
function writeLauncher(directory: string): string {
  const launcher = `${directory}/launch`;
  Deno.writeTextFileSync(launcher, '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  return launcher;
}

/** The scenarios, in the table's order. */
export const COMMAND_VANISHES: readonly Scenario[] = [
  {
    name: "command not found at restart",
    expects: { kind: "exits", code: 127, withinMs: 3_000 },
    through: (directory) => [writeLauncher(directory)],
    inflict: ({ run, engine }) => {
      Deno.removeSync(run.path("launch"));
      kill(engine.pid, "SIGKILL");
    },
  },
];
