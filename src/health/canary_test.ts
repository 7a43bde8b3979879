import { assertEquals } from "@std/assert";
import { type CanaryResult, NO_CANARY_YET, noteCanary, readCanaryStatus } from "./canary.ts";

const SANG: CanaryResult = { kind: "sang" };
const BUSY: CanaryResult = { kind: "busy" };
const SILENT: CanaryResult = { kind: "silent", reason: "no answer within 30 s" };
const FAILED: CanaryResult = { kind: "failed", reason: "HTTP status 500" };
const REFUSED: CanaryResult = { kind: "refused", reason: "HTTP status 404" };

Deno.test("noteCanary() calls an engine unhealthy after so many failures in a row, and no other", () => {
  type Case = [
    what: string,
    results: CanaryResult[],
    unhealthyAt: number | undefined,
    isOff?: boolean,
    hasServed?: boolean,
  ];
  const cases: Case[] = [
    ["sings", [SANG, SANG, SANG, SANG], undefined],
    ["silent", [SANG, SILENT, SILENT, SILENT], 3, true],
    ["silent from the beginning", [SILENT, SILENT, SILENT], 2, true],
    ["silent, and may still load", [SILENT, SILENT, SILENT, SILENT], undefined, false, false],
    ["silent, and has sung before", [SANG, SILENT, SILENT, SILENT], 3, true, false],
    ["silent twice", [SANG, SILENT, SILENT, SANG, SILENT, SILENT], undefined],
    ["busy in between", [SANG, SILENT, SILENT, BUSY, SILENT, SILENT], undefined],
    ["errors", [SANG, FAILED, FAILED, FAILED], 3, true],
    ["errors from the beginning", [FAILED, FAILED, FAILED, FAILED, FAILED], undefined],
    ["errors and silence", [SANG, FAILED, SILENT, FAILED], 3, true],
    ["not for us", [REFUSED], undefined, true],
  ];
  for (const [what, results, unhealthyAt, isOff = false, hasServed = true] of cases) {
    let state = NO_CANARY_YET;
    const unhealthy = results.map((result) =>
      (state = noteCanary(state, result, { threshold: 3, hasServed })).unhealthy !== undefined
    );
    assertEquals(unhealthy.indexOf(true), unhealthyAt ?? -1, what);
    assertEquals(state.isOff, isOff, what);
  }
});

Deno.test("readCanaryStatus() tells an answer, a refusal, too much to do and an error apart", () => {
  const cases: [number, CanaryResult["kind"]][] = [
    [200, "sang"],
    [401, "refused"],
    [404, "refused"],
    [429, "busy"],
    [500, "failed"],
    [503, "failed"],
  ];
  for (const [status, kind] of cases) assertEquals(readCanaryStatus(status).kind, kind);
});
