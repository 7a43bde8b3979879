import { assertEquals } from "@std/assert";
import { parseEnvironmentList, renderEnvironmentList } from "./environment_list.ts";
import { expandValue } from "./expansion.ts";

Deno.test("parseEnvironmentList() reads what supervisord reads", () => {
  const cases: [string, Record<string, string>, boolean][] = [
    ["", {}, false],
    ["A=1", { A: "1" }, false],
    [" A = 1 ,\n B='x, y'", { A: "1", B: "x, y" }, false],
    [`A="it's"`, { A: "it's" }, false],
    ["A=''", { A: "" }, false],
    ["A=1,", { A: "1" }, false],
    ["PATH=/bin:/usr/bin,URL=http://x", { PATH: "/bin:/usr/bin", URL: "http://x" }, false],
    [`A="say 'hi'"`, { A: "say 'hi" }, true],
    ["A=x$", { A: "x" }, true],
    ["A=1;B=2", { A: "1", B: "2" }, true],
    ["A=1 # all", { A: "1" }, true],
    ["A='#'", { A: "#" }, false],
    ["'A'=1", { "'A'": "1" }, true],
  ];
  for (const [text, variables, lossy] of cases) {
    const list = parseEnvironmentList(text);
    const read = "failure" in list ? list : [Object.fromEntries(list.variables), !!list.loss];
    assertEquals([text, read], [text, [variables, lossy]]);
  }
});

Deno.test("parseEnvironmentList() refuses what supervisord refuses", () => {
  for (const text of ["A", "A=", "A='1", 'A="1', "=1", "A=1,B", "A=1 B=2", ","]) {
    assertEquals([text, "failure" in parseEnvironmentList(text)], [text, true]);
  }
});

Deno.test("renderEnvironmentList() writes what is read back, and returns the rest", () => {
  const values = ["", "a b", "50%", "it's", `"`, `x"y`, `'"`, `'x'`, "a\\", "a;b #c", "a\nb", "é"];
  const variables = new Map(values.map((value, index) => [`V_${index}`, value]));
  const { text, rest } = renderEnvironmentList(variables);
  const expansion = expandValue(text, new Map());
  const list = parseEnvironmentList("text" in expansion ? expansion.text : "?");
  const read = "failure" in list ? [] : [...list.variables];
  assertEquals(new Map([...read, ...rest].sort()), new Map([...variables].sort()));
  assertEquals([...rest.values()], [`"`, `'"`, "'x'"]);
});

Deno.test("renderEnvironmentList() leaves out what no file can hold", () => {
  const hostile = new Map([["A", "a\rb"], ["B C", "x"], ["D", "\ud800"]]);
  assertEquals(renderEnvironmentList(hostile), { text: "", rest: hostile });
});
