import { assertEquals } from "@std/assert";
import {
  type LoggedExit,
  parseLoggedExit,
  parseLoggedSpawn,
  parseLogLine,
} from "./supervisord_log.ts";

Deno.test("parseLogLine() reads a line, and none that continues another", () => {
  assertEquals(parseLogLine("2026-11-23 02:19:18,123 INFO spawned: 'a' with pid 42"), {
    atMs: Date.UTC(2026, 10, 23, 2, 19, 18, 123),
    level: "INFO",
    text: "spawned: 'a' with pid 42",
  });
  assertEquals(parseLogLine("Traceback (most recent call last):"), undefined);
  assertEquals(parseLogLine(""), undefined);
});

Deno.test("parseLoggedExit() reads every way to end", () => {
  const cases: [string, Omit<LoggedExit, "kind"> | undefined][] = [
    ["exited: a (exit status 3; not expected)", { process: "a", exit: { kind: "code", code: 3 } }],
    ["exited: a (exit status 0; expected)", { process: "a", exit: { kind: "code", code: 0 } }],
    [
      "exited: a (terminated by SIGKILL; not expected)",
      { process: "a", exit: { kind: "signal", signal: "SIGKILL" } },
    ],
    [
      "exited: a b (terminated by SIGSEGV (core dumped); not expected)",
      { process: "a b", exit: { kind: "signal", signal: "SIGSEGV" } },
    ],
    ["stopped: a_0 (exit status 0)", { process: "a_0", exit: { kind: "code", code: 0 } }],
    [
      "stopped: a (terminated by SIGTERM)",
      { process: "a", exit: { kind: "signal", signal: "SIGTERM" } },
    ],
    [
      "exited: a (terminated by signal 40; not expected)",
      { process: "a", exit: { kind: "signal", signal: "SIGRTMIN+6" } },
    ],
    ["spawned: 'a' with pid 42", undefined],
    ["success: a entered RUNNING state, process has stayed up", undefined],
  ];
  for (const [text, expected] of cases) {
    const kind = text.startsWith("stopped") ? "stopped" : "exited";
    assertEquals(parseLoggedExit(text), expected && { kind, ...expected }, text);
  }
});

Deno.test("parseLoggedSpawn() reads a pid", () => {
  assertEquals(parseLoggedSpawn("spawned: 'it's' with pid 42"), { process: "it's", pid: 42 });
  assertEquals(parseLoggedSpawn("exited: a (exit status 3; not expected)"), undefined);
});
