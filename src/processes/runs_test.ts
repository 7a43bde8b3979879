import { assert, assertEquals } from "@std/assert";
import { Runs } from "./runs.ts";

Deno.test("Runs remembers each program's last run though another program restarts for ever", () => {
  const runs = new Runs();
  const engine = runs.note(100, "engine:engine");
  for (let pid = 1_000; pid < 4_000; pid++) runs.note(pid, "side:side");
  assertEquals(runs.note(100, undefined), engine);
  assertEquals(runs.get(engine.number), engine);
  assertEquals(runs.findByLeader(1_000), undefined, "old runs are forgotten");
  assert(runs.findLast("side:side")?.leader === 3_999);
});
