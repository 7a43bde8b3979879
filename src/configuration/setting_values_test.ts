import { assertEquals } from "@std/assert";
import { type MemoryAmount, parseMemory } from "./setting_values.ts";

Deno.test("parseMemory() reads bytes, units and parts, and nothing else", () => {
  const bytes = (count: number): MemoryAmount => ({ kind: "bytes", bytes: count });
  const cases: [string, MemoryAmount | undefined][] = [
    ["", { kind: "none" }],
    ["None", { kind: "none" }],
    ["0", { kind: "none" }],
    ["1024", bytes(1024)],
    ["512m", bytes(512 * 2 ** 20)],
    ["40GiB", bytes(40 * 2 ** 30)],
    ["40 Gi", bytes(40 * 2 ** 30)],
    ["1.5g", bytes(1.5 * 2 ** 30)],
    ["2GB", bytes(2e9)],
    ["85%", { kind: "percent", percent: 85 }],
    ["99.5 %", { kind: "percent", percent: 99.5 }],
    ["101%", undefined],
    ["-1", undefined],
    ["0%", undefined],
    ["4 parsecs", undefined],
    ["much", undefined],
  ];
  for (const [text, expected] of cases) assertEquals(parseMemory(text), expected, text);
});
