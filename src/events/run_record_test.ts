import { assertEquals } from "@std/assert";
import type { Death } from "../policy/cause.ts";
import type { LaunchEvent } from "./launch_event.ts";
import { advanceRuns, MAX_RUNS, type RunRecord } from "./run_record.ts";

const NAME = "llm_engine:llm_engine";
const at = (ms: number) => new Date(ms);
const DEATH: Death = { cause: "shm_exhausted", meaning: "m", evidence: ["line"], advice: "a" };

const spawned = (run: number, ms: number): LaunchEvent => ({
  ...{ kind: "spawned", name: NAME, run, pid: 10 + run, at: at(ms) },
});
const died = (run: number, ms: number, afterMs: number): LaunchEvent => ({
  ...{ kind: "died", name: NAME, run, pid: undefined, exit: { kind: "code", code: 1 }, afterMs },
  ...{ wasStarted: false, failedStarts: 1, death: DEATH },
  next: { kind: "retry", count: 1, limit: 3, delayMs: 1_000 },
  at: at(ms),
});

const fold = (events: readonly LaunchEvent[]) =>
  events.reduce<readonly RunRecord[]>(advanceRuns, []);

Deno.test("advanceRuns() keeps what a run was from its spawn to its sweep", () => {
  assertEquals(
    fold([
      spawned(1, 0),
      { kind: "started", name: NAME, run: 1, pid: 11, afterMs: 5, at: at(5) },
      { kind: "unhealthy", name: NAME, run: 1, pid: 11, reason: "r", at: at(7) },
      died(1, 9, 9),
      { kind: "swept", name: NAME, run: 1, orphans: 2, afterMs: 1, at: at(10) },
    ]),
    [{
      name: NAME,
      run: 1,
      pid: 11,
      spawnedAt: at(0),
      startedAt: at(5),
      unhealthy: "r",
      unhealthyAt: at(7),
      diedAt: at(9),
      exit: { kind: "code", code: 1 },
      death: DEATH,
      next: { kind: "retry", count: 1, limit: 3, delayMs: 1_000 },
      sweptAt: at(10),
      orphans: 2,
    }],
  );
});

Deno.test("advanceRuns() knows a run that died before it was seen", () => {
  const [run] = fold([died(1, 50, 20)]);
  assertEquals([run?.pid, run?.spawnedAt, run?.diedAt], [undefined, at(30), at(50)]);
});

Deno.test("advanceRuns() ends a run that was replaced, and every run at the end", () => {
  const runs = fold([
    spawned(1, 0),
    spawned(2, 8),
    {
      kind: "stopped",
      outcome: { kind: "stopped", by: "SIGTERM" },
      exit: { code: 0, text: "t" },
      at: at(9),
    },
  ]);
  assertEquals(runs.map(({ diedAt, wasStopped }) => [diedAt, wasStopped]), [
    [at(8), true],
    [at(9), true],
  ]);
});

Deno.test("advanceRuns() keeps the last 32", () => {
  const runs = fold(Array.from({ length: 100 }, (_, index) => spawned(index + 1, index)));
  assertEquals(runs.length, MAX_RUNS);
  assertEquals(runs.at(-1)?.run, 100);
});
