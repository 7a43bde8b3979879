/** How often an engine that always dies is started. */
import { readStarts, waitForStart } from "../../../tests/support/engines.ts";
import { pause, wallMs } from "../../../tests/support/processes.ts";
import { FIXTURES } from "../../../tests/support/run.ts";
import { start } from "../contender.ts";
import type { Scenario } from "../scenario.ts";

/** How long it is watched, s. */
const SECS = 20;

/** So many pauses are shown. */
const SHOWN = 5;

/** With what each contender does by itself. */
export const PACING: Scenario = {
  name: "pacing",
  title: "Crash loop",
  text:
    `An engine that exits with 3 at once, watched for ${SECS} s from its first start, with what ` +
    "each contender does where nothing is set: starts, and the pauses between the first of them.",
  measures: [{ key: "starts", title: `starts in ${SECS} s`, unit: "", better: "less" }],
  mostRounds: 1,
  isTogether: true,
  measure: async (contender, { python }) => {
    const script = `${FIXTURES}/dies_at_once.py`;
    await using run = start(contender, (directory) => ({
      engine: [python, "-S", "-I", script, "0", "3", `${directory}/starts`],
    }));
    const first = await waitForStart(run);
    while (wallMs() - first.atMs < SECS * 1_000 && run.end === undefined) await pause(50);
    const starts = readStarts(run);
    const pauses = starts.slice(1, 1 + SHOWN).map(({ atMs }, index) =>
      ((atMs - starts[index]!.atMs) / 1_000).toFixed(2)
    );
    const end = run.end === undefined ? "goes on" : `exit code ${run.end.code}`;
    const shown = pauses.length === 0
      ? ""
      : `${pauses.join(", ")}${starts.length - 1 > SHOWN ? " …" : ""} s, `;
    return { starts: { value: starts.length, note: `${shown}${end}` } };
  },
};
