import { assertEquals } from "@std/assert";
import { findMemoryLimit } from "./memory_watch.ts";

Deno.test("findMemoryLimit() keeps the hard mark below what the kernel kills at", () => {
  const bytes = { kind: "bytes", bytes: 1_000 } as const;
  assertEquals(findMemoryLimit(bytes, undefined), { limitBytes: 1_000, hardBytes: 1_100 });
  assertEquals(findMemoryLimit(bytes, 1_050), { limitBytes: 1_000, hardBytes: 1_029 });
  assertEquals(findMemoryLimit(bytes, 900), { limitBytes: 1_000, hardBytes: 1_000 });
  const percent = { kind: "percent", percent: 80 } as const;
  assertEquals(findMemoryLimit(percent, 1_000), { limitBytes: 800, hardBytes: 880 });
  assertEquals(findMemoryLimit(percent, undefined), undefined);
  assertEquals(findMemoryLimit({ kind: "none" }, 1_000), undefined);
});
