/** How long a stop takes. */
import { sleeper } from "../../../tests/support/engines.ts";
import { wallMs } from "../../../tests/support/processes.ts";
import { start } from "../contender.ts";
import { type Scenario, waitUntilStarted } from "../scenario.ts";

/** SIGTERM, with an engine that ends at once. */
export const STOP: Scenario = {
  name: "stop",
  title: "Stop",
  text:
    "From SIGTERM, 1.3 to 2.3 s after the engine's start, to the exit; the engine ends at once.",
  measures: [{ key: "stop", title: "SIGTERM to exit", unit: "ms", better: "less" }],
  kinds: ["supervisor", "init"],
  mostRounds: 20,
  measure: async (contender) => {
    await using run = start(contender, (directory) => ({ engine: sleeper(directory) }));
    await waitUntilStarted(run);
    const sentMs = wallMs();
    run.signal("SIGTERM");
    const { code, atMs } = await run.waitForEnd();
    const left = run.readLeft().length;
    const note = `exit code ${code}${left === 0 ? "" : `, ${left} left running`}`;
    return { stop: { value: atMs - sentMs, note } };
  },
};
