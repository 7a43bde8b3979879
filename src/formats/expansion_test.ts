import { assertEquals } from "@std/assert";
import { escapePercent, expandValue, splitFormats } from "./expansion.ts";

const NAMES = new Map<string, string | number>([
  ["here", "/etc"],
  ["process_num", 7],
  ["a(b)", "nested"],
  ["ENV_ODD", "100% %(x)s"],
]);

Deno.test("expandValue() formats as Python does", () => {
  const cases: [string, string][] = [
    ["plain", "plain"],
    ["100%%", "100%"],
    ["%(here)s/x", "/etc/x"],
    ["%(here).0s;", ";"],
    ["%(here).2s|%(here)6s|%(here)-6s|", "/e|  /etc|/etc  |"],
    ["%(process_num)02d %(process_num)d %(process_num)s %(process_num)+d", "07 7 7 +7"],
    ["%(process_num)x %(process_num)#o %(process_num).3d", "7 0o7 007"],
    ["%(a(b))s", "nested"],
    ["%(ENV_ODD)s", "100% %(x)s"],
    ["%(here)ls", "/etc"],
    ["%(here)%", "%"],
  ];
  for (const [text, expanded] of cases) {
    assertEquals([text, expandValue(text, NAMES)], [text, { text: expanded }]);
  }
});

Deno.test("expandValue() explains what it cannot expand", () => {
  const broken = ["%", "50%", "%(here", "%(here)", "%*d", "% ", "%s", "%d", "50% off", "%(x)s"];
  for (const text of [...broken, "%(here)d", "%(here)r", "%(here)99999s", "%(process_num)e"]) {
    assertEquals([text, "failure" in expandValue(text, NAMES)], [text, true]);
  }
  assertEquals(expandValue("%(ENV_X)s", NAMES), {
    failure: "%(ENV_X) names nothing that is known here",
    unknownName: "ENV_X",
  });
});

Deno.test("splitFormats() loses nothing", () => {
  for (const text of ["", "a%%b%(x)s", "%", "%(", "a %(b) 5.2f%%%", "%(a%(b)s)s;"]) {
    assertEquals(splitFormats(text).map(({ source }) => source).join(""), text);
  }
});

Deno.test("escapePercent() survives one expansion", () => {
  for (const text of ["", "%", "%%", "%(here)s", "a%b"]) {
    assertEquals(expandValue(escapePercent(text), NAMES), { text });
  }
});
