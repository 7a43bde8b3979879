/** What becomes of an engine that never starts. */
import { readStarts, waitForStart } from "../../../tests/support/engines.ts";
import { FIXTURES } from "../../../tests/support/run.ts";
import { start } from "../contender.ts";
import { countStarts, type Scenario } from "../scenario.ts";

/** How long after the last start that the budget allows an end is waited for, s. */
const PATIENCE_SECS = 15;

const EXIT_CODE = 3;

/** One retry, then the end of the container. */
export const GIVE_UP: Scenario = {
  name: "give_up",
  title: "Give-up",
  text:
    `An engine that exits with ${EXIT_CODE} at once, and a budget of one retry: from the last ` +
    "failed start to the exit of the whole, which is what makes an orchestrator act. Never: still " +
    `there ${PATIENCE_SECS} s after the second start.`,
  measures: [{ key: "end", title: "last failed start to exit", unit: "ms", better: "less" }],
  mostRounds: 10,
  measure: async (contender, { python }) => {
    const script = `${FIXTURES}/dies_at_once.py`;
    await using run = start(contender, (directory) => ({
      engine: [python, "-S", "-I", script, "0", String(EXIT_CODE), `${directory}/starts`],
      retries: 1,
    }));
    await waitForStart(run, 1);
    try {
      const { code, atMs } = await run.waitForEnd(PATIENCE_SECS * 1_000);
      const last = readStarts(run).at(-1)!;
      return {
        end: { value: atMs - last.atMs, note: `exit code ${code} after ${countStarts(run)}` },
      };
    } catch {
      return { end: { value: null, note: `${countStarts(run)} in ${PATIENCE_SECS} s` } };
    }
  },
};
