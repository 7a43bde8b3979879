import { assertEquals } from "@std/assert";
import { parseIni } from "./parse_ini.ts";

function read(text: string): unknown {
  const parsed = parseIni(text);
  if ("failure" in parsed) return parsed.failure;
  return Object.fromEntries(
    [...parsed.sections].map(([name, values]) => [name, Object.fromEntries(values)]),
  );
}

Deno.test("parseIni() reads what supervisord reads", () => {
  const cases: [string, unknown][] = [
    ["", {}],
    ["[a]\nK = v ; c\n", { a: { k: "v" } }],
    ["[a]\nk: v#x #c\n[b]\n[a]\nk=w\n", { a: { k: "w" }, b: {} }],
    ["[a]\nk=v\n  w ;c\n ;c\n\n  x\n\n", { a: { k: "v\nw\n\nx" } }],
    ["[a]\r\nk=v\r  w\r\n", { a: { k: "v\nw" } }],
    ["[a b] x\nk==\n", { "a b": { k: "=" } }],
    ["; c\n# c\n[DEFAULT]\nk=v\n", { DEFAULT: { k: "v" } }],
    ["[a]\n  k=1\n  j=2\n", { a: { k: "1", j: "2" } }],
    ["k=v\n", "a line stands before the first [section]"],
    ["[a]\nv\n", "a line is neither a [section] nor KEY=VALUE"],
    ["[a]\n=v\n", "a line is neither a [section] nor KEY=VALUE"],
  ];
  for (const [text, expected] of cases) assertEquals([text, read(text)], [text, expected]);
});
