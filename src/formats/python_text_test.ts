import { assertEquals } from "@std/assert";
import { isPythonSpace, parsePythonInteger, stripPythonSpace } from "./python_text.ts";

Deno.test("isPythonSpace() is Python's, not JavaScript's", () => {
  for (const space of ["\t", "\v", "\x1c", "\x1f", " ", "\x85", "\xa0", "\u2028", "\u3000"]) {
    assertEquals([space, isPythonSpace(space)], [space, true]);
  }
  for (const other of ["\ufeff", "\u200b", "\x1b", "a", ""]) {
    assertEquals([other, isPythonSpace(other)], [other, false]);
  }
});

Deno.test("stripPythonSpace() strips both edges and nothing between", () => {
  assertEquals(stripPythonSpace("\x1c a\u3000b \n"), "a\u3000b");
  assertEquals(stripPythonSpace("\ufeff"), "\ufeff");
  assertEquals(stripPythonSpace(" \t "), "");
});

Deno.test("parsePythonInteger() reads what int() reads", () => {
  const cases: [string, number | undefined][] = [
    ["0", 0],
    ["007", 7],
    [" +1_000\n", 1000],
    ["-5", -5],
    ["٣٤", 34],
    ["𝟡", 9],
    ["", undefined],
    ["1__0", undefined],
    ["_1", undefined],
    ["1_", undefined],
    ["1.0", undefined],
    ["0x10", undefined],
    ["- 1", undefined],
    ["²", undefined],
    ["99999999999999999999", undefined],
  ];
  for (const [text, number] of cases) {
    assertEquals([text, parsePythonInteger(text)], [text, number]);
  }
});

Deno.test("parsePythonInteger() reads what int(text, 8) reads", () => {
  const cases: [string, number | undefined][] = [
    ["022", 18],
    ["0o22", 18],
    ["0o_22", 18],
    ["8", undefined],
    ["0o", undefined],
  ];
  for (const [text, number] of cases) {
    assertEquals([text, parsePythonInteger(text, 8)], [text, number]);
  }
});
