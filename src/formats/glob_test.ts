import { assertEquals } from "@std/assert";
import { compileGlob, escapeGlob } from "./glob.ts";

Deno.test("compileGlob() matches as Python's fnmatch does", () => {
  const cases: [pattern: string, name: string, matches: boolean][] = [
    ["*.conf", "a.conf", true],
    ["*.conf", "a.conf.d", false],
    ["?", "\u{1f600}", true],
    ["[a-c]x", "bx", true],
    ["[!a-c]x", "bx", false],
    ["[]]", "]", true],
    ["[!]]", "]", false],
    ["[", "[", true],
    ["[a", "[a", true],
    ["[c-a]", "b", false],
    ["[^a]", "^", true],
    ["a+(b)\\", "a+(b)\\", true],
    ["[-a]", "-", true],
    ["**", "x\ny", true],
  ];
  for (const [pattern, name, matches] of cases) {
    assertEquals([pattern, name, compileGlob(pattern).test(name)], [pattern, name, matches]);
  }
});

Deno.test("escapeGlob() matches the name alone, and has no white space", () => {
  for (const name of ["a b", "[x]*?", "a\tb\u3000c", "a]b"]) {
    const pattern = escapeGlob(name);
    assertEquals([name, compileGlob(pattern).test(name), /\s/.test(pattern)], [name, true, false]);
    assertEquals(compileGlob(pattern).test("axb"), false, name);
  }
});
