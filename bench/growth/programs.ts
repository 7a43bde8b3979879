/** What programs beside the engine cost. */
import { sleeper, waitForStart } from "../../tests/support/engines.ts";
import { pause, wallMs } from "../../tests/support/processes.ts";
import { FIXTURES } from "../../tests/support/run.ts";
import { quoteWords, start } from "../peers/contender.ts";
import { STARTED_MS } from "../peers/scenario.ts";
import type { Growth } from "./growth.ts";

/** Sidecars through the environment, one of the programs being the engine. */
export const PROGRAMS: Growth = {
  name: "programs",
  title: "Programs",
  text:
    "From the command to the engine's first instruction, to the last program's, and from SIGTERM " +
    "to the exit; all but one of the programs are sidecars, set by a variable each.",
  xTitle: "programs",
  yTitle: "ms",
  curves: ["start of all", "stop"],
  sizes: [1, 3, 10, 30, 100],
  measure: async (size, { ours }) => {
    const sidecars = (directory: string) =>
      Object.fromEntries(Array.from({ length: size - 1 }, (_, index) => [
        `SUPERVISOR_PROGRAM__P${index}_COMMAND`,
        quoteWords([`${FIXTURES}/records_start.sh`, `${directory}/sidecars`]),
      ]));
    const contender = {
      ...ours,
      define: (...[service, directory]: Parameters<typeof ours.define>) => {
        const { command, env } = ours.define(service, directory);
        return { command, env: { ...env, ...sidecars(directory) } };
      },
    };
    await using run = start(contender, (directory) => ({ engine: sleeper(directory) }));
    const engine = await waitForStart(run);
    await run.waitFor(() => run.readNumbers("sidecars").length === size - 1, "the last program");
    const lastMs = Math.max(
      engine.atMs,
      ...run.readNumbers("sidecars").map(([wallNs = 0]) => wallNs / 1e6),
    );
    await pause(STARTED_MS);
    const sentMs = wallMs();
    run.signal("SIGTERM");
    const end = await run.waitForEnd();
    if (end.code !== 0) throw new Error(run.describe("The stop failed"));
    return [lastMs - run.spawnedMs, end.atMs - sentMs];
  },
};
