import { assertEquals } from "@std/assert";
import { suggest } from "./suggest.ts";

Deno.test("suggest() finds the nearest word and nothing far", () => {
  const known = ["STARTSECS", "STARTRETRIES", "STOPSIGNAL", "USER", "UMASK"];
  const cases: [string, string | undefined][] = [
    ["STARTSEC", "STARTSECS"],
    ["STRATSECS", "STARTSECS"],
    ["START_SECS", "STARTSECS"],
    ["STOPSIGANL", "STOPSIGNAL"],
    ["USR", "USER"],
    ["US", undefined],
    ["COLOUR", undefined],
    ["", undefined],
  ];
  for (const [word, meant] of cases) assertEquals([word, suggest(word, known)], [word, meant]);
});
