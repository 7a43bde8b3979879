import { assert, assertEquals } from "@std/assert";
import { type ChildDeath, NO_CHILD_DEATHS, noteChildDeath } from "./child_deaths.ts";

/** What is said of deaths, one every so many ms. */
function say(death: ChildDeath, everyMs: number, times: number): string[] {
  const said: string[] = [];
  let deaths = NO_CHILD_DEATHS;
  for (let count = 0; count < times; count++) {
    const noted = noteChildDeath(deaths, death, "llm:llm", count * everyMs);
    deaths = noted.deaths;
    if (noted.text !== undefined) said.push(noted.text);
  }
  return said;
}

Deno.test("noteChildDeath() says once that workers die again and again", () => {
  // uvicorn: 43 in 75 s.
  const [text = "", ...more] = say({ lifeMs: 1_500, isWorker: true }, 1_750, 43);
  assertEquals(more, []);
  assert(text.startsWith("llm:llm runs, but its workers die again and again: 5 in 7 s"), text);
});

Deno.test("noteChildDeath() is silent about what is in order", () => {
  const cases: [title: string, death: ChildDeath, everyMs: number, times: number][] = [
    ["a shell's commands", { lifeMs: 20, isWorker: false }, 1_000, 500],
    ["workers replaced after their work", { lifeMs: 30_000, isWorker: true }, 2_000, 500],
    ["a worker that dies now and then", { lifeMs: 5_000, isWorker: true }, 15_001, 500],
    ["a reload of four workers", { lifeMs: 5_000, isWorker: true }, 10, 4],
  ];
  for (const [title, death, everyMs, times] of cases) {
    assertEquals(say(death, everyMs, times), [], title);
  }
});
