import { assertEquals } from "@std/assert";
import { parseOwnMemory } from "./own_memory.ts";

Deno.test("parseOwnMemory() counts anonymous and swapped memory, not what is shared", () => {
  const status = "Name:\tx\nVmRSS:\t  900 kB\nRssAnon:\t  500 kB\nRssFile:\t 300 kB\n" +
    "RssShmem:\t 100 kB\nVmSwap:\t  24 kB\n";
  assertEquals(parseOwnMemory(status), 524 * 1024);
  assertEquals(parseOwnMemory("Name:\tx\nState:\tZ (zombie)\n"), 0);
});
