import { assertEquals } from "@std/assert";
import { parseSettings } from "../settings/parse_settings.ts";
import { findContradictions, findIdle } from "./contradictions.ts";

Deno.test("findIdle() names settings of something that there is not", () => {
  const cases: [env: Record<string, string>, idle: string[]][] = [
    [{ PROCESS_HEALTH_PERIOD_SECS: "5" }, ["PROCESS_HEALTH_PERIOD_SECS"]],
    [{ PROCESS_HEALTH_PERIOD_SECS: "5", PROCESS_HEALTH_URL: "none" }, [
      "PROCESS_HEALTH_PERIOD_SECS",
    ]],
    [{ PROCESS_HEALTH_PERIOD_SECS: "5", PROCESS_HEALTH_URL: "auto" }, []],
    [{ PROCESS_HEALTH_FAILURE_THRESHOLD: "5" }, ["PROCESS_HEALTH_FAILURE_THRESHOLD"]],
    [{ PROCESS_HEALTH_FAILURE_THRESHOLD: "5", PROCESS_CANARY_PERIOD_SECS: "9" }, []],
    // An engine that is known is asked when it has started.
    [{ PROCESS_STARTUP_TIMEOUT_SECS: "5" }, []],
    [{ PROCESS_STARTUP_TIMEOUT_SECS: "5", PROCESS_ENGINE: "none" }, [
      "PROCESS_STARTUP_TIMEOUT_SECS",
    ]],
    [{ PROCESS_HEALTH_TIMEOUT_SECS: "5", PROCESS_HEALTH_URL: "none" }, [
      "PROCESS_HEALTH_TIMEOUT_SECS",
    ]],
    [{ PROCESS_HEALTH_BUSY_GRACE: "false" }, ["PROCESS_HEALTH_BUSY_GRACE"]],
    [{ PROCESS_CANARY_COMMAND: "x" }, ["PROCESS_CANARY_COMMAND"]],
    [{ PROCESS_CANARY_TIMEOUT_SECS: "1", PROCESS_CANARY_PERIOD_SECS: "9" }, []],
  ];
  for (const [env, idle] of cases) {
    const warnings = findIdle(parseSettings(env));
    assertEquals(warnings.map((text) => text.split(" ")[0]), idle, JSON.stringify(env));
  }
});

Deno.test("findContradictions() allows one probe, and none beside a command", () => {
  const count = (url: string) => {
    const env = { PROCESS_HEALTH_URL: url, PROCESS_HEALTH_COMMAND: "x" };
    return findContradictions(parseSettings(env), new Map(), "e").length;
  };
  assertEquals([count("http://x/"), count("auto"), count("none")], [1, 1, 0]);
});
