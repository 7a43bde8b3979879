import { assert, assertEquals } from "@std/assert";
import { SETTINGS, type Settings } from "../configuration/settings.ts";
import { parseSettings } from "../configuration/parse_settings.ts";
import { PROFILES } from "./profiles.ts";
import { checkWatch, describeWatch } from "./watch_checks.ts";
import { planWatch } from "./engine_plan.ts";

function settingsOf(env: Record<string, string>): Settings {
  return parseSettings(env).settings;
}

const split = (command: string) => command.split(" ");

Deno.test("planWatch() asks an engine's own path on its port when it has started", () => {
  const cases: [command: string, expected: string | undefined, env?: Record<string, string>][] = [
    ["vllm serve m", "http://127.0.0.1:8000/health"],
    ["vllm serve m --port 9", "http://127.0.0.1:9/health"],
    ["vllm serve m --config c", undefined], // The file may say another port.
    ["vllm serve m --uds s", undefined],
    ["vllm serve m --host fe80::1%eth0", undefined], // In no URL.
    ["vllm serve m --host a<b", undefined],
    ["tritonserver", "http://127.0.0.1:8000/v2/health/live"],
    ["mlserver start .", "http://127.0.0.1:9/v2/health/ready", { MLSERVER_HTTP_PORT: "9" }],
    ["uvicorn a:a --host ::1", "tcp ::1 8000"],
    ["gunicorn a:a -b :80", "tcp 127.0.0.1 80"],
    ["gunicorn a:a -c c", undefined],
    ["serve run a.yaml", undefined],
    ["python server.py --port 9", undefined],
  ];
  for (const [command, expected, env = {}] of cases) {
    const { start } = planWatch(split(command), "auto", env);
    const text = start?.kind === "tcp" ? `tcp ${start.hostname} ${start.port}` : start?.url;
    assertEquals(text, expected, command);
  }
});

Deno.test("planWatch() trusts PROCESS_ENGINE's port only where the command names it", () => {
  assertEquals(planWatch(["./start.sh"], "vllm", {}).start, undefined);
  assert(
    planWatch(["./start.sh"], "vllm", {}).health !== undefined,
    "auto may ask it anyway",
  );
  assert(planWatch(["./start.sh", "--port", "9"], "vllm", {}).start !== undefined);
  assert(planWatch(split("vllm serve m"), "vllm", {}).start !== undefined);
  assertEquals(planWatch(split("vllm serve m"), "none", {}).start, undefined);
});

Deno.test("planWatch() judges by whether it lives, once it has been ready", () => {
  assertEquals(planWatch(split("mlserver start ."), "auto", {}).health, {
    startUrl: "http://127.0.0.1:8080/v2/health/ready",
    url: "http://127.0.0.1:8080/v2/health/live",
  });
});

Deno.test("planWatch() finds metrics and canaries, and the key that they need", () => {
  const vllm = planWatch(split("vllm serve m --api-key k"), "auto", {});
  assertEquals([vllm.metrics?.url, vllm.metrics?.bearer], ["http://127.0.0.1:8000/metrics", "k"]);
  assertEquals(vllm.canary, {
    url: "http://127.0.0.1:8000/v1/completions",
    modelsUrl: "http://127.0.0.1:8000/v1/models",
    json: { prompt: "1", max_tokens: 1, temperature: 0 },
    bearer: "k",
  });
  const keyed = planWatch(split("vllm serve m"), "auto", { VLLM_API_KEY: "e" });
  assertEquals(keyed.canary?.bearer, "e");
  assertEquals(planWatch(["llama-server"], "auto", {}).metrics, undefined);
  // Nothing tells whether a request runs.
  assertEquals(planWatch(split("trtllm-serve m"), "auto", {}).metrics, undefined);
  assertEquals(planWatch(["tritonserver"], "auto", {}).canary, undefined);
});

Deno.test("PROFILES count nothing as work that requests and questions of ours move", () => {
  for (const { name, metrics } of Object.values(PROFILES)) {
    for (const metric of metrics?.progress ?? []) {
      assert(!/request_count$|^rest_server/.test(metric), `${name}: ${metric}`);
    }
  }
});

Deno.test("checkWatch() refuses auto, and warns of the rest, where the engine is not known", () => {
  const asked = settingsOf({
    PROCESS_HEALTH_URL: "auto",
    PROCESS_PROGRESS_TIMEOUT_SECS: "60",
    PROCESS_CANARY_PERIOD_SECS: "60",
  });
  const unknown = checkWatch(asked, planWatch(["x"], "auto", {}));
  assertEquals(unknown.issues.map(({ variable }) => variable), [SETTINGS.healthUrl.name]);
  assertEquals(unknown.warnings.map((text) => text.split(" ")[0]), [
    SETTINGS.progressTimeoutSecs.name,
    SETTINGS.canaryPeriodSecs.name,
  ]);
  const known = checkWatch(asked, planWatch(split("vllm serve m"), "auto", {}));
  assertEquals(known, { issues: [], warnings: [] });
  const own = { ...asked, canaryCommand: ["x"], healthUrl: "none", progressTimeoutSecs: 0 };
  assertEquals(checkWatch(own, planWatch(["x"], "auto", {})), { issues: [], warnings: [] });
});

Deno.test("describeWatch() says what decides, judges and looks", () => {
  const cases: [Record<string, string>, string, string[]][] = [
    [{}, "vllm serve m", ["has started once http://127.0.0.1:8000/health answers"]],
    [{}, "uvicorn a:a", ["has started once port 8000 is open"]],
    [{}, "x", ["has started after startsecs"]],
    [{ PROCESS_HEALTH_URL: "none" }, "vllm serve m", ["has started after startsecs"]],
    [{ PROCESS_HEALTH_URL: "auto" }, "vllm serve m", [
      "http://127.0.0.1:8000/health is good, which also judges",
      "do not count while it makes progress",
    ]],
    [{ PROCESS_HEALTH_COMMAND: "x" }, "x", ["PROCESS_HEALTH_COMMAND is good"]],
    [
      { PROCESS_PROGRESS_TIMEOUT_SECS: "60", PROCESS_CANARY_PERIOD_SECS: "30" },
      "vllm serve m",
      ["/health answers", "without progress for 60 s", "a canary is sent every 30 s"],
    ],
  ];
  for (const [env, command, parts] of cases) {
    const phrases = describeWatch(settingsOf(env), planWatch(split(command), "auto", {}));
    assertEquals(phrases.length, parts.length, phrases.join("; "));
    for (const [index, part] of parts.entries()) {
      assert(phrases[index]!.includes(part), `${phrases[index]}: ${part}`);
    }
  }
});
