import { assertEquals } from "@std/assert";
import type { EventPayload } from "./launch_event.ts";
import { Traces } from "./traces.ts";

const name = "llm_engine:llm_engine";

/** The spans that events lead to, a line each in the order in which they end. */
function follow(happenings: readonly (readonly [number, EventPayload])[]): string[] {
  const ended: string[] = [];
  const traces = new Traces({
    startSpan: (kind, { startTime, attributes }) => {
      const facts: Record<string, string | number> = { ...attributes };
      let failure = "";
      return {
        setAttribute: (key, value) => facts[key] = value,
        setStatus: ({ message = "" }) => failure = message,
        end: (at) => {
          const words = Object.values(facts).slice(1).join(" ");
          ended.push(
            `${kind} ${startTime.getTime()}-${at.getTime()} ${words}${failure && `; ${failure}`}`,
          );
        },
      };
    },
  });
  for (const [ms, happening] of happenings) traces.note({ ...happening, at: new Date(ms) });
  return ended;
}

const spawned = (run: number) => ({ kind: "spawned", name, run, pid: run } as const);
const died = (run: number, next: Extract<EventPayload, { kind: "died" }>["next"]) => ({
  ...{ kind: "died", name, run, pid: run, exit: { kind: "code", code: 3 }, afterMs: 1 } as const,
  ...{ wasStarted: true, failedStarts: 0, next },
  death: { cause: "gpu_fault", meaning: "token=abc", evidence: [], advice: "" } as const,
});
const recovery = (count: number) => ({ kind: "recovery", count, limit: 3, delayMs: 0 }) as const;

Deno.test("Traces has a span for a start, and one for each recovery with its cause", () => {
  assertEquals(
    follow([
      [1, spawned(1)],
      [5, { kind: "started", name, run: 1, pid: 1, afterMs: 4 }],
      [10, died(1, recovery(1))],
      [11, { kind: "swept", name, run: 1, orphans: 2, afterMs: 1 }],
      [12, spawned(2)],
      [20, died(2, recovery(2))],
      [22, spawned(3)],
      [30, { kind: "recovered", name, run: 3, pid: 3, afterMs: 8, downMs: 10 }],
      [40, died(3, { kind: "none", rule: "recovery_limit" })],
    ]),
    [
      "start 1-5 1",
      "recovery 10-20 1 gpu_fault 3 1 2; gpu_fault: token=***",
      "recovery 20-30 2 gpu_fault 3 2",
    ],
  );
});

Deno.test("Traces ends what is under way when everything ends", () => {
  const end: EventPayload = {
    kind: "stopped",
    outcome: { kind: "stopped", by: "SIGTERM" },
    exit: { code: 0, text: "stopped by SIGTERM" },
  };
  assertEquals(follow([[1, spawned(1)], [9, end]]), ["start 1-9 1; stopped by SIGTERM"]);
  assertEquals(follow([[1, spawned(1)], [4, { kind: "halted", name, run: 1 }], [9, end]]), [
    "start 1-4 1; stopped by hand",
  ]);
});
