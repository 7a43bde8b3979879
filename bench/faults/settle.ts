/** Waits until a run that goes on has nothing but what belongs to it. */
import { readEvents } from "../../tests/support/engines.ts";
import { readTree, type TreeProcess } from "../../tests/support/namespace.ts";
import { pause } from "../../tests/support/processes.ts";
import type { Run } from "../../tests/support/run.ts";
import type { Scene } from "./scenario.ts";

/** A zombie may be this old, ms. */
const ZOMBIE_MS = 1_000;

/** How long at most until nothing is left but what belongs there, ms. */
const SETTLE_MS = 3_000;

/** What does not belong to the run. */
export interface Leftovers {
  /** Live processes. */
  readonly left: readonly string[];
  /** Zombies that were older than a second. */
  readonly zombies: number;
}

/**
 * Waits for the end of all that does not belong to a run which was to survive.
 *
 * @param scene The run.
 * @returns What is left after three seconds at most.
 */
export async function settle(
  { run, program, supervisord }: Pick<Scene, "run" | "program" | "supervisord">,
): Promise<Leftovers> {
  const beganMs = performance.now();
  const seenMs = new Map<number, number>();
  const old = new Set<number>();
  for (;;) {
    const nowMs = performance.now();
    const tree = readTree(run.pid);
    const zombies = tree.filter(({ isZombie }) => isZombie);
    for (const { pid } of zombies) {
      if (!seenMs.has(pid)) seenMs.set(pid, nowMs);
      if (nowMs - seenMs.get(pid)! > ZOMBIE_MS) old.add(pid);
    }
    const left = findStrangers(run, tree, [program, supervisord]);
    if (left.length + zombies.length === 0) return { left: [], zombies: old.size };
    if (nowMs - beganMs > SETTLE_MS) {
      return { left: left.map(({ pid, command }) => `${pid} ${command}`), zombies: old.size };
    }
    await pause(20);
  }
}

/** The guard, the shell that holds the engine's pipes, the init around us. */
const OURS = [" guard ", " output-holder", "report, patience"];

/** Live processes that are neither ours nor the newest engine's nor the init around us. */
function findStrangers(
  run: Run,
  tree: readonly TreeProcess[],
  ours: readonly number[],
): TreeProcess[] {
  const events = readEvents(run);
  const engine = events.findLast(({ event }) => event === "start")?.pid;
  const workers = events.findLast(({ event }) => event === "workers")?.workers ?? [];
  return tree.filter(({ pid, innerPid, isZombie, command }) =>
    !isZombie && !ours.includes(pid) && innerPid !== engine && !workers.includes(innerPid) &&
    !OURS.some((words) => command.includes(words))
  );
}
