/** Whether an engine may finish its requests. */
import { readEvents, waitForEvent } from "../../../tests/support/engines.ts";
import { pause, wallMs } from "../../../tests/support/processes.ts";
import { FIXTURES } from "../../../tests/support/run.ts";
import { GRACE_SECS, start } from "../contender.ts";
import { type Scenario, STARTED_MS } from "../scenario.ts";

/** How long the drain takes, s. */
const DRAIN_SECS = 8;

/** SIGTERM, with an engine that has requests to finish. */
export const DRAIN: Scenario = {
  name: "drain",
  title: "Drain",
  text:
    `From SIGTERM to the exit, with an engine that takes ${DRAIN_SECS} s to finish its requests ` +
    `and a grace period of ${GRACE_SECS} s wherever there is a setting for it.`,
  measures: [{ key: "stop", title: "SIGTERM to exit", unit: "s", better: "less" }],
  kinds: ["supervisor", "init"],
  mostRounds: 3,
  isTogether: true,
  measure: async (contender, { python }) => {
    await using run = start(contender, (directory) => ({
      engine: [
        ...[python, "-S", `${FIXTURES}/engine.py`, "--port", "0"],
        ...["--record", `${directory}/record`, "--drain-secs", String(DRAIN_SECS)],
      ],
    }));
    await waitForEvent(run, "loaded");
    await pause(STARTED_MS);
    const sentMs = wallMs();
    run.signal("SIGTERM");
    const { code, atMs } = await run.waitForEnd((GRACE_SECS + 5) * 1_000);
    const isDrained = readEvents(run).some(({ event }) => event === "exit");
    const left = run.readLeft().length;
    const note = `${isDrained ? "drained" : "not drained"}, exit code ${code}` +
      (left === 0 ? "" : `, ${left} left running`);
    return { stop: { value: (atMs - sentMs) / 1_000, note } };
  },
};
