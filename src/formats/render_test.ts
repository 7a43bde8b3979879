import { assertEquals, assertThrows } from "@std/assert";
import { ConfigurationError } from "./configuration_error.ts";
import { findUnrenderable, originKey, renderDocument } from "./render.ts";

function renderValue(value: string, key = "command", section = "program:a"): string {
  return renderDocument(new Map([[section, new Map([[key, value]])]]));
}

Deno.test("renderDocument() writes sections and keys", () => {
  assertEquals(
    renderDocument(
      new Map([
        ["supervisord", new Map([["nodaemon", "true"]])],
        ["program:a", new Map([["command", "x"], ["environment", ""]])],
      ]),
    ),
    "[supervisord]\nnodaemon=true\n[program:a]\ncommand=x\nenvironment=\n",
  );
});

Deno.test("renderDocument() protects what configparser would lose", () => {
  const cases: [string, string][] = [
    ["a;b#c", "a;b#c"],
    [";a", ";a"],
    ["a ;b", "a %(here).0s;b"],
    ["a\xa0#b", "a\xa0%(here).0s#b"],
    [" a ", "%(here).0s a %(here).0s"],
    ["a\n[x]\nb=c", "a\n [x]\n b=c"],
    ["a\n;b", "a\n %(here).0s;b"],
    ["a \n b", "a %(here).0s\n %(here).0s b"],
    ["a\n\nb", "a\n \n b"],
    ["a\n", "a\n %(here).0s"],
    ["100%% ;", "100%% %(here).0s;"],
    ["%%(here)s", "%%%(here).0s(here)s"],
    ["%(here)s", "%(here)s"],
  ];
  for (const [value, written] of cases) {
    assertEquals([value, renderValue(value)], [value, `[program:a]\ncommand=${written}\n`]);
  }
});

Deno.test("renderDocument() refuses what no file can hold", () => {
  const cases: [value: string, key: string, section: string][] = [
    ["a\rb", "command", "program:a"],
    ["a\0b", "command", "program:a"],
    ["\ud800", "command", "program:a"],
    ["%(x) ;s", "command", "program:a"],
    [" x", "password", "inet_http_server"],
    ["x ;y", "password", "inet_http_server"],
    ["x", "a=b", "program:a"],
    ["x", "a\nb", "program:a"],
    ["x", "command", "program:a]\n[evil"],
    ["x", "command", "program:a b"],
    ["x", "command", "DEFAULT"],
    ["x", "command", "program:"],
  ];
  for (const [value, key, section] of cases) {
    assertThrows(() => renderValue(value, key, section), ConfigurationError);
  }
  assertEquals(renderValue("#x;y", "password", "inet_http_server").includes("=#x;y\n"), true);
});

Deno.test("findUnrenderable() names the variable a value came from, and no secret", () => {
  const document = new Map([["inet_http_server", new Map([["password", "hush "]])]]);
  const variable = "SUPERVISOR_INET_HTTP_SERVER_PASSWORD";
  const origins = new Map([[originKey("inet_http_server", "password"), variable]]);
  const issues = findUnrenderable(document, origins);
  assertEquals(issues.map((issue) => issue.variable), [variable]);
  assertEquals(new ConfigurationError(issues).message.includes("hush"), false);
});
