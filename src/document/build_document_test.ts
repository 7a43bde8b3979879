import { assertEquals } from "@std/assert";
import { findProcessNames, findShutdownGraceMs } from "./programs.ts";
import { findManagedHeaders, readEnginePolicy, readPolicies } from "./engine_limits.ts";
import { buildDocument, plainPaths } from "./build_document.ts";
import { manageDocument } from "./manage_document.ts";
import { parseConfiguration } from "./parse_configuration.ts";
import { readStopOrders } from "./stop_orders.ts";

function build(env: Record<string, string> = {}) {
  return buildDocument(parseConfiguration(env), ["serve", "50%"], plainPaths("llm_engine"))
    .document;
}

const PATHS = {
  engine: "program:llm_engine",
  command: "true",
  here: "/etc/a%b",
  overlay: "/run/x/managed.conf",
  logfile: "/dev/null",
  output: {
    stdout: "/proc/7/fd/1",
    stderr: "/dev/fd/2",
    engine: { stdout: "/proc/8/fd/1", stderr: "/proc/8/fd/2" },
  },
  includes: undefined,
  keepsLoglevel: false,
};

Deno.test("buildDocument() sets the command, whatever else is said", () => {
  const engine = build({ SUPERVISOR_PROGRAM_STARTSECS: "5" }).get("program:llm_engine");
  assertEquals([engine?.get("command"), engine?.get("startsecs")], ["serve '50%%'", "5"]);
});

Deno.test("buildDocument() writes no environment= of its own, which supervisord after 4.3.0 reads otherwise", () => {
  const document = build({ SUPERVISOR_PROGRAM__WEB_COMMAND: "web" });
  const sections = [...document].filter(([, values]) => values.has("environment"));
  assertEquals(sections, []);
});

Deno.test("buildDocument() rotates only what can be sought in", () => {
  const engine = (env: Record<string, string>) => build(env).get("program:llm_engine");
  assertEquals(engine({})?.get("stdout_logfile_maxbytes"), "0");
  const file = engine({ SUPERVISOR_PROGRAM_STDOUT_LOGFILE: "/tmp/engine.log" });
  assertEquals(file?.get("stdout_logfile_maxbytes"), undefined);
});

Deno.test("buildDocument() gives supervisorctl the server wherever it is", () => {
  const document = build({
    SUPERVISOR_UNIX_HTTP_SERVER_FILE: "/tmp/other.sock",
    SUPERVISOR_UNIX_HTTP_SERVER_USERNAME: "u",
    SUPERVISOR_UNIX_HTTP_SERVER_PASSWORD: "p",
  });
  assertEquals([...document.get("supervisorctl") ?? []], [
    ["serverurl", "unix:///tmp/other.sock"],
    ["username", "u"],
    ["password", "p"],
  ]);
});

Deno.test("manageDocument() takes the engine's restarts over and leaves other programs alone", () => {
  const { document, overlay } = manageDocument(
    build({ SUPERVISOR_PROGRAM__WEB_COMMAND: "web", SUPERVISOR_PROGRAM__WEB_STARTSECS: "7" }),
    new Map(),
    ["program:llm_engine"],
    PATHS,
  );
  const engine = document.get("program:llm_engine");
  assertEquals(
    ["autorestart", "startretries", "startsecs"].map((key) => engine?.get(key)),
    ["false", "0", "0"],
  );
  assertEquals(document.get("program:web")?.get("startsecs"), "7");
  assertEquals(overlay, undefined);
});

Deno.test("manageDocument() writes out %(here)s, and has the last word over included files", () => {
  const { document, overlay } = manageDocument(
    build({
      SUPERVISOR_INCLUDE_FILES: "conf.d/*.conf",
      SUPERVISOR_PROGRAM__WEB_COMMAND: "%(here)s/web %%(here)s",
    }),
    new Map(),
    ["program:llm_engine"],
    {
      ...PATHS,
      overlay: "/run/a [b]/managed.conf",
      includes: {
        patterns: ["/etc/a%b/conf.d/*.conf"],
        merged: new Map([["program:x", new Map([["stdout_logfile", "/dev/stdout"]])]]),
      },
    },
  );
  assertEquals(document.get("program:web")?.get("command"), "/etc/a%%b/web %%(here)s");
  assertEquals(
    document.get("include")?.get("files"),
    "/etc/a%%b/conf.d/*.conf /run/a[!!-~][[]b]/managed.conf",
  );
  assertEquals([...overlay?.get("program:x") ?? []], [["stdout_logfile", "/proc/7/fd/1"]]);
  const engine = overlay?.get("program:llm_engine");
  assertEquals([engine?.get("autorestart"), engine?.get("command")], ["false", PATHS.command]);
});

Deno.test("manageDocument() leaves a stop to the leader alone, unless the environment says otherwise", () => {
  const read = (env: Record<string, string>) => {
    const said = parseConfiguration(env).sections;
    const engine = manageDocument(build(env), said, ["program:llm_engine"], PATHS).document.get(
      "program:llm_engine",
    );
    return [engine?.get("stopasgroup"), engine?.get("killasgroup")];
  };
  assertEquals(read({}), [undefined, undefined]);
  assertEquals(read({ SUPERVISOR_PROGRAM_STOPASGROUP: "true" }), ["true", "true"]);
  assertEquals(read({ SUPERVISOR_PROGRAM_KILLASGROUP: "true" }), [undefined, "true"]);
  assertEquals(read({ SUPERVISOR_PROGRAM_STOPASGROUP: "false" }), ["false", "true"]);
});

Deno.test("readEnginePolicy() reads what the user asked for, expanded", () => {
  const env = {
    RETRIES: "9",
    SUPERVISOR_PROGRAM_STARTRETRIES: "%(ENV_RETRIES)s",
    SUPERVISOR_PROGRAM_AUTORESTART: "Unexpected",
    SUPERVISOR_PROGRAM_EXITCODES: "0, 3",
    SUPERVISOR_PROGRAM_STARTSECS: "1_0",
    PROCESS_RECOVERY_WINDOW_SECS: "60",
  };
  const { settings } = parseConfiguration(env);
  assertEquals(readEnginePolicy(build(env), "llm_engine", settings, env), {
    autostart: true,
    autorestart: "unexpected",
    expectedCodes: new Set([0, 3]),
    stopWaitMs: 30_000,
    hangGraceMs: 5_000,
    maxStartRetries: 9,
    maxRecoveryAttempts: 3,
    recoveryWindowMs: 60_000,
    retriesHopeless: false,
    startMs: 10_000,
    startupTimeoutMs: undefined,
  });
});

Deno.test("readPolicies() holds a critical program to what its own section says, and leaves others alone", () => {
  const env = {
    PROCESS_CRITICAL_PROGRAMS: "web",
    PROCESS_MAX_START_RETRIES: "7",
    PROCESS_HEALTH_URL: "http://127.0.0.1/",
    SUPERVISOR_PROGRAM__WEB_COMMAND: "nginx -c x",
    SUPERVISOR_PROGRAM__WEB_NUMPROCS: "2",
    SUPERVISOR_PROGRAM__WEB_PROCESS_NAME: "w%(process_num)s",
    SUPERVISOR_PROGRAM__WEB_EXITCODES: "0,2",
    SUPERVISOR_PROGRAM__OTHER_COMMAND: "other",
  };
  const { settings } = parseConfiguration(env);
  const policies = readPolicies(build(env), "llm_engine", settings, env, "host", true);
  assertEquals(policies.get("llm_engine:llm_engine")?.holdsStarts, true);
  assertEquals([...policies.keys()], ["llm_engine:llm_engine", "web:w0", "web:w1"]);
  assertEquals(policies.get("llm_engine:llm_engine")?.startupTimeoutMs, 1_800_000);
  assertEquals(policies.get("web:w1"), {
    autorestart: "unexpected",
    autostart: true,
    stopWaitMs: 10_000,
    hangGraceMs: 5_000,
    expectedCodes: new Set([0, 2]),
    maxStartRetries: 3,
    maxRecoveryAttempts: 3,
    recoveryWindowMs: 3_600_000,
    retriesHopeless: false,
    startMs: 1_000,
    foregroundHint: "nginx -g 'daemon off;'",
  });
});

Deno.test("manageDocument() takes a critical program's restarts over, in its overlay too", () => {
  const source = build({
    PROCESS_CRITICAL_PROGRAMS: "web",
    SUPERVISOR_INCLUDE_FILES: "/abs/x.conf",
    SUPERVISOR_PROGRAM__WEB_COMMAND: "web",
    SUPERVISOR_PROGRAM__WEB_AUTORESTART: "true",
  });
  const headers = findManagedHeaders(source, "llm_engine", ["web", "app"]);
  assertEquals([...headers], [["llm_engine", "program:llm_engine"], ["web", "program:web"]]);
  const { document, overlay } = manageDocument(source, new Map(), [...headers.values()], {
    ...PATHS,
    includes: { patterns: [], merged: source },
  });
  for (const written of [document, overlay]) {
    const web = written?.get("program:web");
    assertEquals(
      ["autorestart", "startretries", "startsecs"].map((key) => web?.get(key)),
      ["false", "0", "0"],
    );
  }
});

Deno.test("findProcessNames() names processes as supervisord does", () => {
  assertEquals([...findProcessNames(build(), "llm_engine", {}, "host")], ["llm_engine:llm_engine"]);
  const many = build({
    SUPERVISOR_PROGRAM_NUMPROCS: "2",
    SUPERVISOR_PROGRAM_NUMPROCS_START: "1",
    SUPERVISOR_PROGRAM_PROCESS_NAME: "%(program_name)s_%(process_num)02d.%(host_node_name)s",
    SUPERVISOR_GROUP__ALL_PROGRAMS: "llm_engine,web",
    SUPERVISOR_PROGRAM__WEB_COMMAND: "web",
  });
  assertEquals([...findProcessNames(many, "llm_engine", {}, "host")], [
    "all:llm_engine_01.host",
    "all:llm_engine_02.host",
  ]);
});

Deno.test("findShutdownGraceMs() adds up groups, the slowest program of each", () => {
  assertEquals(findShutdownGraceMs(build(), {}), 35_000);
  const env = {
    SUPERVISOR_PROGRAM_STOPWAITSECS: "600",
    SUPERVISOR_PROGRAM__A_COMMAND: "a",
    SUPERVISOR_PROGRAM__A_STOPWAITSECS: "20",
    SUPERVISOR_PROGRAM__B_COMMAND: "b",
    SUPERVISOR_GROUP__AB_PROGRAMS: "a,b",
  };
  assertEquals(findShutdownGraceMs(build(env), env), 625_000);
});

Deno.test("readStopOrders() reads signals by name or number", () => {
  const orders = readStopOrders(
    build({
      SUPERVISOR_PROGRAM_STOPSIGNAL: "int",
      SUPERVISOR_PROGRAM_STOPASGROUP: "false",
      SUPERVISOR_PROGRAM__WEB_COMMAND: "web",
      SUPERVISOR_PROGRAM__WEB_STOPSIGNAL: "3",
    }),
    {},
    "host",
  );
  assertEquals(orders.get("llm_engine:llm_engine"), {
    signal: "SIGINT",
    asGroup: false,
    waitMs: 30_000,
  });
  assertEquals(orders.get("web:web"), { signal: "SIGQUIT", asGroup: true, waitMs: 10_000 });
});
