/** What supervision costs while nothing happens. */
import { sleeper, waitForStart } from "../../../tests/support/engines.ts";
import { readOrEmpty } from "../../../tests/support/files.ts";
import { pause } from "../../../tests/support/processes.ts";
import { start } from "../contender.ts";
import { type Scenario, SETTLED_MS } from "../scenario.ts";

/** @returns What the threads of a process have run so far, ms: the scheduler's own account, in ns. */
function readRunMs(pid: number): number {
  let ns = 0;
  try {
    for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
      ns += Number(readOrEmpty(`/proc/${pid}/task/${name}/schedstat`).split(" ")[0]);
    }
  } catch { /* It has ended. */ }
  return ns / 1e6;
}

/** Everything but the engine. */
export const IDLE: Scenario = {
  name: "idle",
  title: "Idle",
  text: "CPU time a second of all processes but the engine while nothing happens, from 3 s after " +
    "the start on; all contenders at the same time.",
  measures: [{ key: "cpu", title: "CPU", unit: "ms/s", better: "less" }],
  mostRounds: 3,
  isTogether: true,
  measure: async (contender, { idleSecs }) => {
    await using run = start(contender, (directory) => ({ engine: sleeper(directory) }));
    const engine = await waitForStart(run);
    await pause(SETTLED_MS);
    const pids = run.readLeft().map(({ pid }) => pid).filter((pid) => pid !== engine.pid);
    const read = () => pids.reduce((total, pid) => total + readRunMs(pid), 0);
    const [before, beganMs] = [read(), performance.now()];
    await pause(idleSecs * 1_000);
    const secs = (performance.now() - beganMs) / 1_000;
    return { cpu: { value: (read() - before) / secs } };
  },
};
