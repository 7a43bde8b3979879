import { assertEquals } from "@std/assert";
import { splitShellWords } from "./shell_words.ts";

Deno.test("splitShellWords() splits as a POSIX shell does, and expands nothing", () => {
  const cases: [string, string[] | undefined][] = [
    ["", []],
    ["  a\tb\nc ", ["a", "b", "c"]],
    [`'a b' "c d"`, ["a b", "c d"]],
    [`a'b'"c"\\ d`, ["abc d"]],
    [`''  ""`, ["", ""]],
    [String.raw`"a\"b\\c\$d\x"`, [String.raw`a"b\c$d\x`]],
    [String.raw`'a\b'`, [String.raw`a\b`]],
    ["$HOME `x` $(y) ; | > *", ["$HOME", "`x`", "$(y)", ";", "|", ">", "*"]],
    ["'open", undefined],
    [`"open`, undefined],
    ["end\\", undefined],
  ];
  for (const [text, words] of cases) assertEquals(splitShellWords(text), words, text);
});
