import { assertEquals } from "@std/assert";
import { findSignalName, parseSignal, SIGNAL_NUMBERS } from "./signals.ts";

Deno.test("parseSignal() reads names, aliases and numbers as supervisord does", () => {
  const cases: [string, string | undefined][] = [
    ...[["TERM", "SIGTERM"], ["sigusr1", "SIGUSR1"], [" 15 ", "SIGTERM"], ["POLL", "SIGIO"]],
    ...[["IOT", "SIGABRT"], ["CLD", "SIGCHLD"], ["6", "SIGABRT"], ["RTMIN", "SIGRTMIN"]],
    ...[["34", "SIGRTMIN"], ["RTMAX", "SIGRTMAX"], ["64", "SIGRTMAX"], ["STKFLT", "SIGSTKFLT"]],
    ...[["0", undefined], ["32", undefined], ["40", undefined], ["RTMIN+6", undefined]],
    ...[["FOO", undefined], ["", undefined], ["toString", undefined], ["SIGSIGTERM", undefined]],
  ] as [string, string | undefined][];
  for (const [text, expected] of cases) assertEquals(parseSignal(text), expected, text);
});

Deno.test("findSignalName() names every number that a process can end by", () => {
  assertEquals([9, 31, 34, 40, 64].map(findSignalName), [
    ...["SIGKILL", "SIGSYS", "SIGRTMIN", "SIGRTMIN+6", "SIGRTMAX"],
  ]);
  assertEquals([0, 32, 33, 65].map(findSignalName), [undefined, undefined, undefined, undefined]);
  assertEquals(Object.keys(SIGNAL_NUMBERS).length, 31 + 31);
});
