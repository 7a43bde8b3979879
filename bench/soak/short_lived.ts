/** Instances that live shortly, beside the one that lives long: each must end as it should. */
import type { Random } from "../../tests/support/random.ts";
import type { InstalledSupervisord } from "../../tests/support/supervisords.ts";
import { ENDINGS } from "../faults/endings.ts";
import { runScenario } from "../faults/run_scenario.ts";
import { SCENARIOS } from "../faults/scenarios.ts";
import type { Journal } from "./journal.ts";

/** Both cores are kept busy at times, so that everything may take so many times as long. */
const SLACK = 4;

/** The fault table's scenarios, and more ends. */
const ALL = [...SCENARIOS, ...ENDINGS].map((scenario) => ({
  ...scenario,
  expects: { ...scenario.expects, withinMs: scenario.expects.withinMs * SLACK },
}));

/** Runs one after the other until the time is over. */
export async function liveShortly(
  supervisord: InstalledSupervisord,
  random: Random,
  secs: number,
  journal: Journal,
): Promise<void> {
  for (let step = 1; journal.atSecs < secs; step++) {
    const scenario = random.pick(ALL);
    const surroundings = random.pick(["as PID 1", "under an init"] as const);
    const { tookMs, code, deviations } = await runScenario(scenario, supervisord, surroundings);
    const tally = journal.enter(journal.endings, scenario.name, tookMs, code);
    if (deviations.length > 0) tally.broken++;
    for (const text of deviations) {
      const [first = "", ...log] = text.split("\n");
      journal.note(`short-lived, step ${step}, ${scenario.name}`, first, log.join("\n"));
    }
  }
}
