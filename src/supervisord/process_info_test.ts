import { assertEquals, assertThrows } from "@std/assert";
import { parseProcessInfos, type ProcessInfo, toProcessStatus } from "./process_info.ts";

Deno.test("parseProcessInfos() refuses what getAllProcessInfo never answers", () => {
  for (const answer of ["x", { name: "e" }, ["e"], [null]]) {
    assertThrows(() => parseProcessInfos(answer), TypeError, "Cannot read");
  }
});

Deno.test("toProcessStatus() takes supervisord's own giving up for a spawn that failed, with or without words", () => {
  const info: ProcessInfo = {
    ...{ name: "e:e", shortName: "e", state: "FATAL", pid: 0, exitCode: 0, wasSpawned: false },
    spawnError: "",
  };
  const tell = (spawnError: string) => {
    const status = toProcessStatus({ ...info, spawnError }, undefined, undefined, undefined);
    return status.kind === "ended" ? status.spawnError : undefined;
  };
  assertEquals(tell("can't find command '/x'"), "can't find command '/x'");
  assertEquals(tell(""), "supervisord calls it FATAL");
});
