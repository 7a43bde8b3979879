import { assertEquals } from "@std/assert";
import { EVENTS } from "../../src/events/event_record.ts";
import { ROOT } from "../support/run.ts";

const TEXT = Deno.readTextFileSync(`${ROOT}/docs/events.md`);

Deno.test("docs/events.md has every event, when it happens, and no other", () => {
  const [, table = ""] = /\n\| Event[^\n]*\n[^\n]*\n(.*?)\n\n/s.exec(TEXT) ?? [];
  const rows = table.split("\n").map((row) => row.split("|").map((cell) => cell.trim()));
  assertEquals(
    rows.map(([, name, when]) => ({ name, when })),
    Object.values(EVENTS).map(({ name, when }) => ({ name: `\`${name}\``, when })),
  );
});
