import { assert, assertEquals } from "@std/assert";
import { pause } from "../support/processes.ts";
import { makeCommand } from "../support/run.ts";
import { itOfFlags } from "../support/needs.ts";

// Our own output where it is a pipe with a reader that is slower than we are.

/** What a slow reader takes at once, bytes. */
const TAKEN_BYTES = 64 * 1024;

itOfFlags("a short line does not get into a long write of the same output", async () => {
  const [program = "", ...args] = makeCommand([], ["-A"], "tests/fixtures/writes_from_two.ts");
  const child = new Deno.Command(program, { args, stdin: "null", stdout: "piped" }).spawn();
  const reader = child.stdout.getReader({ mode: "byob" });
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(TAKEN_BYTES));
    if (done || value === undefined) break;
    text += decoder.decode(value, { stream: true });
    await pause(1);
  }
  assert((await child.status).success);
  const lines = text.split("\n");
  assertEquals(lines.pop(), "");
  const torn = lines.filter((line) => line !== "short" && line !== "x".repeat(180));
  assertEquals(torn, []);
  assert(lines.includes("short"), "both sides have written");
});
