import { assertEquals } from "@std/assert";
import { ConfigurationError } from "../formats/configuration_error.ts";
import { originKey } from "../formats/render.ts";
import { parseSupervisorVariables } from "./supervisor_variables.ts";

function parse(env: Record<string, string>, engineName = "llm_engine", allowUnknown = false) {
  const parsed = parseSupervisorVariables(env, { engineName, allowUnknown });
  const sections = Object.fromEntries(
    [...parsed.sections].map(([name, values]) => [name, Object.fromEntries(values)]),
  );
  return { ...parsed, sections };
}

Deno.test("parseSupervisorVariables() takes the most exact name of the engine", () => {
  const all = {
    SUPERVISOR_PROGRAM_STARTSECS: "1",
    SUPERVISOR_PROGRAM__APP_STARTSECS: "2",
    SUPERVISOR_PROGRAM__LLM_ENGINE_STARTSECS: "3",
  };
  const cases: [Record<string, string>, string, string, number][] = [
    [all, "llm_engine", "3", 2],
    [{ ...all, SUPERVISOR_PROGRAM__VLLM_STARTSECS: "4" }, "vllm", "4", 3],
    [{ ...all, SUPERVISOR_PROGRAM__MY_LLM_STARTSECS: "4" }, "my-llm", "4", 3],
    [{ SUPERVISOR_PROGRAM_STARTSECS: "1" }, "llm_engine", "1", 0],
    [{ ...all, SUPERVISOR_PROGRAM__LLM_ENGINE_STARTSECS: "2" }, "llm_engine", "2", 1],
  ];
  for (const [env, engineName, startsecs, warnings] of cases) {
    const parsed = parse(env, engineName);
    assertEquals(parsed.sections, { [`program:${engineName}`]: { startsecs } });
    assertEquals([parsed.issues, parsed.warnings.length], [[], warnings]);
  }
  const { warnings } = parse({ ...all, SUPERVISOR_PROGRAM_STARTSECS: "2" });
  assertEquals(warnings, [
    "SUPERVISOR_PROGRAM__APP_STARTSECS is not used: " +
    "SUPERVISOR_PROGRAM__LLM_ENGINE_STARTSECS says the same more exactly",
  ]);
});

Deno.test("parseSupervisorVariables() leaves the engine's command to the command line", () => {
  const { sections, warnings, issues } = parse({ SUPERVISOR_PROGRAM__APP_COMMAND: "x" });
  assertEquals([sections, warnings.length, issues], [{}, 1, []]);
});

Deno.test("parseSupervisorVariables() leaves alone what only looks like ours", () => {
  const env = {
    SUPERVISOR_CONFIG_PATH: "/x",
    SUPERVISOR_ALLOW_UNKNOWN: "no",
    SUPERVISOR_ENABLED: "1",
    SUPERVISOR_PROCESS_NAME: "a",
    SUPERVISOR_GROUP_NAME: "a",
    SUPERVISOR_SERVER_URL: "unix:///x",
    SUPERVISOR_SERVICE_HOST: "10.0.0.1",
    SUPERVISOR_SERVICE_PORT: "80",
    SUPERVISOR_SERVICE_PORT_HTTP: "80",
    SUPERVISOR_PORT: "tcp://10.0.0.1:80",
    SUPERVISOR_PORT_80_TCP: "tcp://10.0.0.1:80",
    SUPERVISOR_PORT_80_TCP_PROTO: "tcp",
    SUPERVISOR_PORT_80_TCP_ADDR: "10.0.0.1",
    SUPERVISOR_INET_HTTP_SERVER_PORT: "tcp://10.0.0.1:80",
    SUPERVISORD_PATH: "/bin/supervisord",
    PATH: "%s",
  };
  const { sections, issues, warnings, debug } = parse(env);
  assertEquals([sections, issues, warnings, debug.length], [{}, [], [], 12]);
});

Deno.test("parseSupervisorVariables() refuses the unknown, or warns of it", () => {
  const env = { SUPERVISOR_PROGRAM__APP_STARTSEC: "3" };
  const { issues } = parse(env);
  assertEquals(issues.map(({ variable, hint }) => [variable, hint]), [
    ["SUPERVISOR_PROGRAM__APP_STARTSEC", "did you mean SUPERVISOR_PROGRAM__APP_STARTSECS?"],
  ]);
  const allowed = parse(env, "llm_engine", true);
  assertEquals([allowed.issues, allowed.warnings.length], [[], 1]);
  assertEquals(allowed.sections, { "program:llm_engine": { startsec: "3" } });
});

Deno.test("parseSupervisorVariables() sets up superlance's listeners, and asks for others' events", () => {
  const cases: [string, string, string | undefined][] = [
    ["MEMMON", "memmon -a 200MB", "TICK_60"],
    ["WATCH", "/usr/bin/crashmail -a", "PROCESS_STATE_EXITED"],
    ["HTTPOK", "python3 -m superlance.httpok http://x", "TICK_60"],
    ["WATCH", "watcher", undefined],
  ];
  for (const [name, command, events] of cases) {
    const parsed = parse({ [`SUPERVISOR_EVENTLISTENER__${name}_COMMAND`]: command });
    assertEquals(parsed.sections[`eventlistener:${name.toLowerCase()}`]?.["events"], events);
    assertEquals(
      parsed.issues.map(({ variable }) => variable),
      events === undefined ? ["SUPERVISOR_EVENTLISTENER__WATCH_EVENTS"] : [],
    );
  }
});

Deno.test("parseSupervisorVariables() asks for commands", () => {
  const { issues } = parse({
    SUPERVISOR_PROGRAM__WEB_USER: "root",
    SUPERVISOR_PROGRAM__LLM_ENGINE_USER: "root",
  });
  assertEquals(issues.map(({ variable }) => variable), ["SUPERVISOR_PROGRAM__WEB_COMMAND"]);
});

Deno.test("parseSupervisorVariables() finds every issue in one go, in order", () => {
  const { issues } = parse({
    SUPERVISOR_PROGRAM__WEB_COMMAND: "x",
    SUPERVISOR_PROGRAM__WEB_NUMPROCS: "%(ENV_MANY)s",
    SUPERVISOR_PROGRAM__WEB_AUTOSTART: "maybe",
    SUPERVISOR_NONSENSE: "x",
    MANY: "many",
  });
  assertEquals(issues.map(({ variable, expected }) => [variable, expected]), [
    ["SUPERVISOR_NONSENSE", "an option of supervisord's"],
    ["SUPERVISOR_PROGRAM__WEB_AUTOSTART", "a boolean (true, false, 1, 0, yes, no, on, off)"],
    ["SUPERVISOR_PROGRAM__WEB_NUMPROCS", "an integer from 1 to 10000"],
  ]);
});

Deno.test("parseSupervisorVariables() knows the variables of environment= options", () => {
  const { issues } = parse({
    SUPERVISOR_SUPERVISORD_ENVIRONMENT: "A=1",
    SUPERVISOR_PROGRAM__WEB_ENVIRONMENT: "B=%(ENV_A)s",
    SUPERVISOR_PROGRAM__WEB_COMMAND: "x %(ENV_A)s %(ENV_B)s",
    SUPERVISOR_PROGRAM__WEB_NUMPROCS: "%(ENV_A)s",
  });
  assertEquals(issues, []);
});

Deno.test("parseSupervisorVariables() strips values as supervisord does, but not plain text", () => {
  const { sections, origins } = parse({
    SUPERVISOR_PROGRAM__WEB_COMMAND: " x \n",
    SUPERVISOR_SUPERVISORD_IDENTIFIER: " x ",
    SUPERVISOR_PROGRAM__WEB_STDOUT_LOGFILE: "/dev/stdout",
    SUPERVISOR_GROUP__ALL_PROGRAMS: "web, app",
  });
  assertEquals(sections, {
    "program:web": { command: "x", stdout_logfile: "/dev/stdout", stdout_logfile_maxbytes: "0" },
    supervisord: { identifier: " x " },
    "group:all": { programs: "web,llm_engine" },
  });
  assertEquals(
    origins.get(originKey("program:web", "command")),
    "SUPERVISOR_PROGRAM__WEB_COMMAND",
  );
});

Deno.test("parseSupervisorVariables() says no secret", () => {
  const parsed = parse({
    SUPERVISOR_INET_HTTP_SERVER_PASSWORD: "hush%(hush)s",
    SUPERVISOR_INET_HTTP_SERVER_PASWORD: "hush",
    SUPERVISOR_PROGRAM__WEB_ENVIRONMENT: "A=hush %(hush)s",
    SUPERVISOR_PROGRAM_ENVIRONMENT: "A=hush",
    SUPERVISOR_PROGRAM__APP_ENVIRONMENT: "A='hush",
  });
  const said = [
    new ConfigurationError(parsed.issues).message,
    ...parsed.warnings,
    ...parsed.debug,
  ].join("\n");
  assertEquals([parsed.issues.length > 3, said.includes("hush")], [true, false]);
});
