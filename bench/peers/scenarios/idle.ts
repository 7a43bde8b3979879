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

/** What a garbage collector does once after the start has been done before the second span begins, ms. */
const REST_MS = 10_000;

/** Everything but the engine. */
export const IDLE: Scenario = {
  name: "idle",
  title: "Idle",
  text: "CPU time a second of all processes but the engine while nothing happens, over two spans " +
    "of the same length: from 3 s after the start on, and from 10 s after the end of the first one " +
    "on; all contenders at the same time.",
  measures: [
    { key: "first", title: "CPU from 3 s on", unit: "ms/s", better: "less" },
    { key: "later", title: "CPU later", unit: "ms/s", better: "less" },
  ],
  mostRounds: 3,
  isTogether: true,
  measure: async (contender, { idleSecs }) => {
    await using run = start(contender, (directory) => ({ engine: sleeper(directory) }));
    const engine = await waitForStart(run);
    await pause(SETTLED_MS);
    const pids = run.readLeft().map(({ pid }) => pid).filter((pid) => pid !== engine.pid);
    const read = () => pids.reduce((total, pid) => total + readRunMs(pid), 0);
    const measureSpan = async () => {
      const [before, beganMs] = [read(), performance.now()];
      await pause(idleSecs * 1_000);
      return { value: (read() - before) / ((performance.now() - beganMs) / 1_000) };
    };
    const first = await measureSpan();
    await pause(REST_MS);
    return { first, later: await measureSpan() };
  },
};
