import { assertEquals } from "@std/assert";
import type { ProcessEntry } from "../linux/process_table.ts";
import { Runs } from "./runs.ts";

const process = (pid: number, startTicks: string): ProcessEntry => ({
  ...{ pid, parentPid: 1, groupId: pid, sessionId: 1, state: "S", threads: 1, startTicks },
});

Deno.test("Runs remembers each program's last run though another program keeps restarting", () => {
  const runs = new Runs();
  const engine = runs.note(100, undefined, "engine:engine");
  for (let pid = 1_000; pid < 4_000; pid++) runs.note(pid, undefined, "side:side");
  assertEquals(runs.note(100, undefined, undefined), engine);
  assertEquals(runs.get(engine.number), engine);
  assertEquals(runs.find(1_000), undefined, "old runs are forgotten");
  assertEquals(runs.findLast("side:side")?.leader, 3_999);
});

Deno.test("Runs.note() takes a process for another one than an earlier one with its pid", () => {
  const runs = new Runs();
  const first = runs.note(100, process(100, "5"), "engine:engine");
  const second = runs.note(100, process(100, "9"), "engine:engine");
  assertEquals([first.number, second.number], [1, 2]);
  assertEquals(runs.find(100), second);
});

Deno.test("Runs.findLastBefore() attributes no process to a run that began after its birth", () => {
  const runs = new Runs();
  const first = runs.note(100, process(100, "10"), "engine:engine");
  const second = runs.note(200, process(200, "20"), "engine:engine");
  const find = (startTicks: string) => runs.findLastBefore("engine:engine", process(7, startTicks));
  assertEquals([find("9"), find("10"), find("19"), find("20"), find("99")], [
    ...[undefined, first, first, second, second],
  ]);
});
