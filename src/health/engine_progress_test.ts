import { assertEquals } from "@std/assert";
import { findStallMs, noteScrape, readScrape, type Scrape, UNREAD } from "./engine_progress.ts";

const NAMES = {
  running: ["vllm:num_requests_running", "vllm:num_requests_waiting"],
  progress: ["vllm:generation_tokens_total", "vllm:prompt_tokens_total"],
  groupBy: "engine",
};

/** What vLLM answers: requests that run and wait, and its counters, one engine each. */
function vllm(...engines: (readonly [running: number, generated: number, prompt?: number])[]) {
  return readScrape(
    engines.map(([running, generated, prompt = 0], engine) =>
      [
        `vllm:num_requests_running{engine="${engine}",model_name="m"} ${running}.0`,
        `vllm:num_requests_waiting{engine="${engine}",model_name="m"} 0.0`,
        `vllm:generation_tokens_total{engine="${engine}",model_name="m"} ${generated}.0`,
        `vllm:prompt_tokens_total{engine="${engine}",model_name="m"} ${prompt}.0`,
        "",
      ].join("\n")
    ).join(""),
    NAMES,
  );
}

const FAILED: Scrape = { kind: "failed" };
const STUCK: Scrape = { kind: "stuck" };

/** The stall after scrapes one second apart, ms, and when something last moved. */
function watch(scrapes: readonly Scrape[]): [stallMs: number, movedMs: number | undefined] {
  let state = UNREAD;
  scrapes.forEach((scrape, second) => state = noteScrape(state, scrape, second * 1_000));
  return [findStallMs(state), state.movedMs];
}

Deno.test("findStallMs() tells a hang from idleness, work and ignorance", () => {
  const hung = vllm([1, 5]);
  const idle = vllm([0, 5]);
  const cases: [what: string, scrapes: Scrape[], stallMs: number, movedMs?: number][] = [
    ["nothing known", [], 0],
    ["one scrape", [hung], 0],
    ["frozen", [hung, hung, hung, hung], 3_000],
    ["idle, however long", [idle, idle, idle, idle, idle], 0],
    ["saturated", [vllm([99, 1]), vllm([99, 2]), vllm([99, 3])], 0, 2_000],
    ["long prefill", [vllm([1, 5, 0]), vllm([1, 5, 512]), vllm([1, 5, 1_024])], 0, 2_000],
    ["frozen after work", [vllm([1, 1]), vllm([1, 2]), vllm([1, 2]), vllm([1, 2])], 2_000, 1_000],
    ["frozen since it was idle", [idle, idle, hung, hung], 1_000],
    ["idle between two requests", [hung, hung, idle, hung, hung], 1_000],
    ["scrapes fail while idle", [idle, FAILED, FAILED, FAILED], 0],
    ["scrapes fail while it works", [vllm([1, 1]), FAILED, FAILED, vllm([1, 2])], 0, 3_000],
    ["scrapes fail, nothing else is known", [hung, FAILED, FAILED, FAILED], 0],
    ["no scrape ever succeeds", [FAILED, FAILED, FAILED], 0],
    ["frozen, and some scrapes fail", [hung, FAILED, hung, FAILED, hung], 4_000],
    ["a failed one is no idleness", [hung, hung, FAILED, hung], 3_000],
    ["counters begin again", [vllm([1, 900]), vllm([1, 900]), vllm([1, 3])], 0, 2_000],
    [
      "one of two engines hangs",
      [
        vllm([1, 5], [1, 1]),
        vllm([1, 5], [1, 2]),
        vllm([1, 5], [1, 3]),
      ],
      2_000,
      2_000,
    ],
    ["stuck", [hung, STUCK, STUCK, STUCK], 2_000],
    ["stuck after work that nobody saw", [hung, FAILED, FAILED, FAILED, STUCK], 0],
    ["stuck now and then", [hung, STUCK, FAILED, STUCK, FAILED, STUCK], 0],
    ["stuck in the middle of a hang", [hung, STUCK, hung], 2_000],
    ["stuck since it was idle", [idle, STUCK, STUCK, STUCK], 2_000],
    ["stuck from the beginning", [STUCK, STUCK, STUCK], 2_000],
    ["stuck for a while", [STUCK, STUCK, vllm([1, 1]), vllm([1, 1])], 1_000],
  ];
  for (const [what, scrapes, stallMs, movedMs] of cases) {
    assertEquals(watch(scrapes), [stallMs, movedMs], what);
  }
});

Deno.test("readScrape() fails where the metrics do not tell whether requests run", () => {
  const counters = 'vllm:generation_tokens_total{engine="0"} 5\n';
  for (const text of ["", "<html>\n", counters]) {
    assertEquals(readScrape(text, NAMES), FAILED, text);
  }
  assertEquals(readScrape(`vllm:num_requests_waiting 1\n${counters}`, NAMES), {
    kind: "read",
    readings: new Map([["", { isRunning: true, work: "0 0" }]]),
  });
});
