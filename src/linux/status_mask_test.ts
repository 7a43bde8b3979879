import { assertEquals } from "@std/assert";
import { hasBit, parseStatusMask } from "./status_mask.ts";

Deno.test("parseStatusMask() reads the line of that name, and 0 where there is none", () => {
  const status =
    "SigBlk:\t0000000000000000\nSigIgn:\t0000000000001006\nCapEff:\t000001ffffffffff\n";
  assertEquals(parseStatusMask(status, "SigIgn"), 0x1006n);
  assertEquals(parseStatusMask(status, "CapEff"), 0x1ffffffffffn);
  assertEquals(parseStatusMask(status, "SigCgt"), 0n);
});

Deno.test("hasBit() counts from 0", () => {
  assertEquals([0, 1, 2, 12, 63].map((bit) => hasBit(0x1006n, bit)), [
    false,
    true,
    true,
    true,
    false,
  ]);
});
