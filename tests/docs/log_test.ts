import { assert, assertEquals } from "@std/assert";
import { LOG_EVENTS } from "../../src/log/log_events.ts";
import { ROOT } from "../support/run.ts";

const TEXT = Deno.readTextFileSync(`${ROOT}/docs/log.md`);
const LOGGER = Deno.readTextFileSync(`${ROOT}/src/log/logger.ts`);

Deno.test("docs/log.md has every event of the log, what it says, and no other", () => {
  const [, table = ""] = /\n\| Event[^\n]*\n[^\n]*\n(.*)$/s.exec(TEXT) ?? [];
  const rows = table.trim().split("\n").map((row) => row.split("|").map((cell) => cell.trim()));
  assertEquals(
    rows.map(([, name, when]) => [name, when]),
    Object.entries(LOG_EVENTS).map(([name, when]) => [`\`${name}\``, when]),
  );
});

Deno.test("docs/log.md names every field", () => {
  const [, fields = ""] = /export interface LogFields \{(.*?)\n\}/s.exec(LOGGER) ?? [];
  const names = [...fields.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name);
  assert(names.length > 10, fields);
  assertEquals(names.filter((name) => !TEXT.includes(`\`${name}\``)), []);
});
