import { assertEquals } from "@std/assert";
import { unwrapCommand } from "./command_wrappers.ts";

Deno.test("unwrapCommand() takes wrappers away, and leaves other commands as they are", () => {
  const cases: [string[], string[], Record<string, string>?][] = [
    [["x", "-a"], ["x", "-a"]],
    [[], []],
    [["nice", "-n", "5", "x"], ["x"]],
    [["env", "A=1", "-u", "B", "x", "C=2"], ["x", "C=2"], { A: "1" }],
    [["env", "-S", "A=1 x -y", "z"], ["x", "-y", "z"], { A: "1" }],
    [["tini", "-g", "--", "sh", "-c", "exec x"], ["x"]],
    [["sh", "-c", "a; b && exec x 'y z' >/dev/null"], ["x", "y z"]],
    [["sh", "-ec", "A=1 exec x"], ["x"], { A: "1" }],
    [["sh", "-c", 'exec -a name x "$@"', "sh", "y"], ["x", "y"]],
    [["sh", "script.sh"], ["sh", "script.sh"]],
    [["sh", "-c", "unclosed '"], ["sh", "-c", "unclosed '"]],
    [["uv", "--directory", "/a", "run", "--with", "p", "x"], ["x"]],
    [["uv", "sync"], ["uv", "sync"]],
    [["conda", "run", "-n", "e", "x"], ["x"]],
    [["nice"], ["nice"]],
    [["setpriv", "--reuid=1", "--clear-groups", "x"], ["x"]],
  ];
  for (const [argv, words, assigned = {}] of cases) {
    assertEquals(unwrapCommand(argv), { words, assigned }, argv.join(" "));
  }
});

Deno.test("unwrapCommand() ends on wrappers in wrappers without end", () => {
  const argv = [...Array.from({ length: 100 }, () => "nice"), "x"];
  assertEquals(unwrapCommand(argv).words.at(-1), "x");
});
