import { assertEquals } from "@std/assert";
import { escapeJson, showText } from "./terminal_text.ts";

const EVIL = "a\u001b[31m\r\nb\u009b2J\u202ec\u0007\td";

Deno.test("showText() leaves nothing that a terminal obeys", () => {
  assertEquals(showText(EVIL), "a\ufffd[31m\ufffd\ufffdb\ufffd2J\ufffdc\ufffd\td");
});

Deno.test("escapeJson() keeps the value, and lets nothing through that a terminal obeys", () => {
  const json = escapeJson(JSON.stringify({ line: EVIL }, undefined, 2));
  assertEquals(JSON.parse(json), { line: EVIL });
  // deno-lint-ignore no-control-regex -- control characters are what it is about
  assertEquals(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(json), false, json);
});
