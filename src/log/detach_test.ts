import { assertEquals } from "@std/assert";
import { closeAll, detach } from "./detach.ts";

function makeLog(): { readonly texts: string[]; readonly log: Parameters<typeof detach>[2] } {
  const texts: string[] = [];
  const say = (text: string) => texts.push(text);
  return { texts, log: { debug: say, info: say, warn: say, error: say, critical: say } };
}

Deno.test("detach() logs what fails in the background", async () => {
  const { texts, log } = makeLog();
  detach(Promise.resolve(1), "the first", log);
  detach(Promise.reject(new Error("broken")), "the second", log);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(texts, ["the second failed: broken"]);
});

Deno.test("closeAll() runs every step in order, though one throws and one rejects", async () => {
  const { texts, log } = makeLog();
  const done: number[] = [];
  await closeAll(
    [
      () => done.push(1),
      () => {
        throw new Error("thrown");
      },
      async () => {
        await Promise.resolve();
        done.push(2);
      },
      () => Promise.reject(new Error("rejected")),
      () => done.push(3),
    ],
    "closing",
    log,
  );
  assertEquals([done, texts], [[1, 2, 3], ["closing failed: thrown", "closing failed: rejected"]]);
});
