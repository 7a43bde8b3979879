import { assertEquals } from "@std/assert";
import { parseEnvironmentList } from "./environment_list.ts";

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
