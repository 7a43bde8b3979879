import { withDeadline } from "../log/with_deadline.ts";
import { assertRejects } from "@std/assert";

// A timer that is left behind fails a test, and would keep a program from ending.

Deno.test("withDeadline() leaves no timer behind, whatever comes first", async () => {
  await withDeadline(Promise.resolve(), 60_000);
  await assertRejects(() => withDeadline(Promise.reject(new Error("x")), 60_000), Error, "x");
  await withDeadline(new Promise(() => {}), 1);
});
