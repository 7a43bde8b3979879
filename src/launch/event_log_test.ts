import { assertEquals } from "@std/assert";
import { EventLog } from "./event_log.ts";

Deno.test("EventLog gives every reader every event, early and late ones", async () => {
  const log = new EventLog<number>();
  const early = Array.fromAsync(log);
  log.push(1);
  await Promise.resolve();
  log.push(2);
  log.push(3);
  log.end();
  assertEquals(await early, [1, 2, 3]);
  assertEquals(await Array.fromAsync(log), [1, 2, 3]);
});

Deno.test("EventLog keeps the last thousand", async () => {
  const log = new EventLog<number>();
  for (let number = 0; number < 1_500; number++) log.push(number);
  log.end();
  const all = await Array.fromAsync(log);
  assertEquals([all.length, all[0], all.at(-1)], [1_000, 500, 1_499]);
});
