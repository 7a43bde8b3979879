/** How long until the engine runs. */
import { sleeper, waitForStart } from "../../../tests/support/engines.ts";
import { start } from "../contender.ts";
import type { Scenario } from "../scenario.ts";

/** The start. */
export const START: Scenario = {
  name: "start",
  title: "Start",
  text: "From the command to the engine's first instruction, which the engine itself records. " +
    "The floor is supervisord's own start measured in the same run, woken all the time so that it " +
    "does not wait for its tick of a second, and a bare `deno run` to its first instruction.",
  measures: [{ key: "first", title: "to the first instruction", unit: "ms", better: "less" }],
  kinds: ["supervisor", "init", "floor"],
  mostRounds: 100,
  measure: async (contender) => {
    await using run = start(contender, (directory) => ({ engine: sleeper(directory) }));
    using _company = contender.accompany?.(run) ?? { [Symbol.dispose]: () => {} };
    const { atMs } = await waitForStart(run);
    return { first: { value: atMs - run.spawnedMs } };
  },
};
