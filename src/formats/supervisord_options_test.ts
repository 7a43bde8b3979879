import { assert, assertEquals } from "@std/assert";
import { checkOptionValue } from "../configuration/option_value.ts";
import { findOption, knowsHere, SUPERVISORD_SECTIONS } from "./supervisord_options.ts";

Deno.test("SUPERVISORD_SECTIONS has every option of supervisord 4.3.0", () => {
  const counts = [...SUPERVISORD_SECTIONS].map(([kind, { options }]) => [kind, options.size]);
  assertEquals(counts, [
    ["supervisord", 17],
    ["unix_http_server", 5],
    ["inet_http_server", 3],
    ["supervisorctl", 5],
    ["include", 1],
    ["program", 32],
    ["eventlistener", 35],
    ["fcgi-program", 36],
    ["group", 2],
    ["rpcinterface", 1],
    ["ctlplugin", 1],
  ]);
});

Deno.test("SUPERVISORD_SECTIONS has defaults that pass their own checks", () => {
  const names = new Map([["program_name", "a"]]);
  for (const [kind, { options }] of SUPERVISORD_SECTIONS) {
    for (const [key, spec] of options) {
      if (spec.default === undefined) continue;
      const failure = checkOptionValue(spec, spec.default, { names, secret: false });
      assertEquals([kind, key, failure], [kind, key, undefined]);
    }
  }
});

Deno.test("knowsHere() tells where %(here)s may stand", () => {
  for (const [section, key] of [["program:a", "command"], ["supervisord", "logfile"]] as const) {
    assert(knowsHere(findOption(section, key)!));
  }
  for (const [section, key] of [["inet_http_server", "port"], ["rpcinterface:a", "x"]] as const) {
    assert(!knowsHere(findOption(section, key)!));
  }
  assertEquals(findOption("program:a", "colour"), undefined);
  assertEquals(findOption("DEFAULT", "x"), undefined);
});
