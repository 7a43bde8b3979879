/** What supervision holds in memory. */
import { sleeper, waitForStart } from "../../../tests/support/engines.ts";
import { readOrEmpty } from "../../../tests/support/files.ts";
import { pause } from "../../../tests/support/processes.ts";
import { start } from "../contender.ts";
import { type Scenario, SETTLED_MS } from "../scenario.ts";

type Key = "Pss" | "Anonymous";

/** @returns Bytes of a process in units of 1,000,000. */
function readMegabytes(pid: number): Record<Key, number> {
  const text = readOrEmpty(`/proc/${pid}/smaps_rollup`);
  const read = (key: string) =>
    Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0) * 1024 / 1e6;
  return { Pss: read("Pss"), Anonymous: read("Anonymous") };
}

/** Everything but the engine. */
export const MEMORY: Scenario = {
  name: "memory",
  title: "Memory",
  text:
    "Of all processes but the engine, 3 s after its start. PSS counts a page that n processes " +
    "share as an n-th; nothing of the bench shares any but the C library's with them. Anonymous " +
    "is what belongs to no file: it cannot be dropped under pressure.",
  measures: [
    { key: "pss", title: "PSS", unit: "MB", better: "less" },
    { key: "anonymous", title: "anonymous", unit: "MB", better: "less" },
  ],
  mostRounds: 5,
  measure: async (contender) => {
    await using run = start(contender, (directory) => ({ engine: sleeper(directory) }));
    const engine = await waitForStart(run);
    await pause(SETTLED_MS);
    const others = run.readLeft().filter(({ pid }) => pid !== engine.pid);
    const usages = others.map(({ pid }) => readMegabytes(pid));
    const sum = (key: Key) => usages.reduce((total, usage) => total + usage[key], 0);
    const note = others.length === 1 ? "1 process" : `${others.length} processes`;
    return { pss: { value: sum("Pss"), note }, anonymous: { value: sum("Anonymous") } };
  },
};
