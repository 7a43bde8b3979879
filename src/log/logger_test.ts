import { assertEquals } from "@std/assert";
import { createLogger, renderEvent } from "./logger.ts";

const TIME = new Date(0);

Deno.test("renderEvent() renders one line, whatever the text", () => {
  assertEquals(
    renderEvent("text", "warn", "a\nb\u001b[31m", { pid: 1 }, TIME),
    "1970-01-01T00:00:00.000Z WARN standard-supervisor: a\\nb\\u001b[31m",
  );
  assertEquals(JSON.parse(renderEvent("json", "warn", "a\nb", { pid: 1 }, TIME)), {
    ts: "1970-01-01T00:00:00.000Z",
    level: "warn",
    event: "note",
    source: "standard-supervisor",
    message: "a\nb",
    pid: 1,
  });
});

Deno.test("createLogger() says what is at least of its level", () => {
  const lines: string[] = [];
  const log = createLogger({
    level: "warn",
    format: "text",
    write: (line) => lines.push(line),
    now: () => TIME,
  });
  log.debug("d");
  log.info("i");
  log.warn("w");
  log.critical("c");
  assertEquals(lines.map((line) => line.at(-1)), ["w", "c"]);
});
