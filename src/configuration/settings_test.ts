import { assert, assertEquals } from "@std/assert";
import { parseSettings } from "./parse_settings.ts";
import { type Setting, SETTINGS, type Settings } from "./settings.ts";

Deno.test("SETTINGS parse their own defaults", () => {
  for (const setting of Object.values(SETTINGS) as Setting<unknown>[]) {
    assert(setting.parse(setting.defaultText) !== undefined, setting.name);
  }
});

Deno.test("SETTINGS have names of their own", () => {
  const names = (Object.values(SETTINGS) as Setting<unknown>[])
    .flatMap(({ name, aliases }) => [name, ...aliases]);
  assertEquals(new Set(names).size, names.length);
});

Deno.test("parseSettings() reads values in any case, with white space, by any of their names", () => {
  const cases: [string, string, keyof Settings, unknown][] = [
    ["PROCESS_AUTO_RECOVERY", "No", "autoRecovery", false],
    ["ENGINE_AUTO_RECOVERY", "0", "autoRecovery", false],
    ["PROCESS_AUTO_RECOVERY", "", "autoRecovery", true],
    ["PROCESS_AUTO_RECOVERY", "  ", "autoRecovery", true],
    ["PROCESS_MAX_START_RETRIES", " 7 ", "maxStartRetries", 7],
    ["PROCESS_MAX_RECOVERY_ATTEMPTS", "Unlimited", "maxRecoveryAttempts", Infinity],
    ["ENGINE_MAX_RECOVERY_ATTEMPTS", "0", "maxRecoveryAttempts", 0],
    ["PROCESS_GIVE_UP_EXIT_CODE", "engine", "giveUpExitCode", "engine"],
    ["PROCESS_GIVE_UP_EXIT_CODE", "Cause", "giveUpExitCode", "cause"],
    ["LOG_LEVEL", "WARNING", "logLevel", "warn"],
    ["SAGEMAKER_CONTAINER_LOG_LEVEL", "10", "logLevel", "debug"],
    ["PROCESS_CRITICAL_PROGRAMS", "a, b,", "criticalPrograms", ["a", "b"]],
    ["PROCESS_HEALTH_COMMAND", "sh -c 'exit 0'", "healthCommand", ["sh", "-c", "exit 0"]],
    ["PROCESS_HEALTH_URL", "http://x:1/Path", "healthUrl", "http://x:1/Path"],
    ["PROCESS_HEALTH_URL", "Auto", "healthUrl", "auto"],
    ["PROCESS_HEALTH_URL", "NONE", "healthUrl", "none"],
    ["PROCESS_PROGRESS_TIMEOUT_SECS", "", "progressTimeoutSecs", 0],
    ["PROCESS_HEALTH_BUSY_GRACE", "off", "healthBusyGrace", false],
    ["PROCESS_CANARY_PERIOD_SECS", "30", "canaryPeriodSecs", 30],
  ];
  for (const [name, text, key, value] of cases) {
    const { settings, issues } = parseSettings({ [name]: text });
    assertEquals([settings[key], issues], [value, []], `${name}=${text}`);
  }
});

Deno.test("parseSettings() reports every value it cannot read", () => {
  const bad = {
    PROCESS_AUTO_RECOVERY: "maybe",
    PROCESS_MAX_START_RETRIES: "101",
    PROCESS_MAX_RECOVERY_ATTEMPTS: "-1",
    PROCESS_RECOVERY_WINDOW_SECS: "1.5",
    PROCESS_GIVE_UP_EXIT_CODE: "0",
    LOG_LEVEL: "loud",
    LOG_FORMAT: "xml",
    PROCESS_HEALTH_URL: "ftp://x",
    PROCESS_HEALTH_COMMAND: "sh -c 'x",
  };
  const { issues } = parseSettings(bad);
  assertEquals(issues.map(({ variable }) => variable).sort(), Object.keys(bad).sort());
});

Deno.test("parseSettings() lets the newer name win and says so", () => {
  const both = { PROCESS_AUTO_RECOVERY: "true", ENGINE_AUTO_RECOVERY: "false" };
  const { settings, warnings } = parseSettings(both);
  assertEquals([settings.autoRecovery, warnings.length], [true, 1]);
  assertEquals(
    parseSettings({ PROCESS_AUTO_RECOVERY: "1", ENGINE_AUTO_RECOVERY: "yes" }).warnings,
    [],
  );
});
