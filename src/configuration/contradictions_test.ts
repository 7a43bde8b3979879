import { assert, assertEquals } from "@std/assert";
import { parseSettings } from "./parse_settings.ts";
import { findContradictions, findIdle, findMoot } from "./contradictions.ts";

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

Deno.test("findContradictions() refuses a critical program that there is not, unless a file may bring it", () => {
  const count = (name: string, ...sections: string[]) =>
    findContradictions(
      parseSettings({ PROCESS_CRITICAL_PROGRAMS: name }),
      new Map(sections.map((header) => [header, new Map()])),
      "e",
    ).length;
  assertEquals([count("web"), count("web", "program:web"), count("web", "include")], [1, 0, 0]);
  assertEquals([count("e"), count("llm_engine"), count("web,db", "program:web")], [0, 0, 1]);
});

Deno.test("findMoot() warns where supervisord is told to leave the foreground", () => {
  const find = (nodaemon: string) =>
    findMoot(
      parseSettings({}),
      new Map([["supervisord", new Map([["nodaemon", nodaemon]])]]),
      new Map([["[supervisord] nodaemon", "SUPERVISOR_SUPERVISORD_NODAEMON"]]),
      "e",
    );
  assertEquals(find("true"), []);
  assert(find("false")[0]?.startsWith("SUPERVISOR_SUPERVISORD_NODAEMON=false has no effect"));
});
