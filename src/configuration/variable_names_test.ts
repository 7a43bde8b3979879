import { assertEquals } from "@std/assert";
import { SUPERVISORD_SECTIONS } from "../formats/supervisord_options.ts";
import {
  spellVariable,
  splitFreeName,
  splitVariableName,
  suggestVariable,
} from "./variable_names.ts";

function split(variable: string): string | undefined {
  const target = splitVariableName(variable);
  if (target === undefined) return undefined;
  return `${
    [target.kind, ...target.name === undefined ? [] : [target.name]].join(":")
  } ${target.key}`;
}

Deno.test("splitVariableName() cuts at the longest section and the longest known key", () => {
  const cases: [string, string | undefined][] = [
    [
      "SUPERVISOR_PROGRAM__LLM_ENGINE_STDOUT_LOGFILE_MAXBYTES",
      "program:llm_engine stdout_logfile_maxbytes",
    ],
    ["SUPERVISOR_PROGRAM_STARTSECS", "program startsecs"],
    ["SUPERVISOR_PROGRAM__STARTSECS", undefined],
    ["SUPERVISOR_PROGRAM__WEB_COMMAND", "program:web command"],
    ["SUPERVISOR_PROGRAM__MY-WEB.1_COMMAND", "program:my-web.1 command"],
    ["SUPERVISOR_PROGRAM__A__B_COMMAND", undefined],
    ["SUPERVISOR_PROGRAM__WEB__COMMAND", undefined],
    ["SUPERVISOR_PROGRAM__web_COMMAND", undefined],
    ["SUPERVISOR_SUPERVISORD_LOGFILE_MAXBYTES", "supervisord logfile_maxbytes"],
    ["SUPERVISOR_SUPERVISORD__X_LOGFILE", undefined],
    ["SUPERVISOR_SUPERVISORCTL_SERVERURL", "supervisorctl serverurl"],
    ["SUPERVISOR_UNIX_HTTP_SERVER_FILE", "unix_http_server file"],
    ["SUPERVISOR_INCLUDE_FILES", "include files"],
    ["SUPERVISOR_FCGI_PROGRAM__PHP_SOCKET_OWNER", "fcgi-program:php socket_owner"],
    ["SUPERVISOR_GROUP__ALL_PROGRAMS", "group:all programs"],
    ["SUPERVISOR_GROUP_PROGRAMS", undefined],
    [
      "SUPERVISOR_RPCINTERFACE__SUPERVISOR_FACTORY",
      "rpcinterface:supervisor supervisor.rpcinterface_factory",
    ],
    [
      "SUPERVISOR_RPCINTERFACE__SUPERVISOR_SUPERVISOR.RPCINTERFACE_FACTORY",
      "rpcinterface:supervisor supervisor.rpcinterface_factory",
    ],
    ["SUPERVISOR_CTLPLUGIN__X_CTL_FACTORY", "ctlplugin:x supervisor.ctl_factory"],
    ["SUPERVISOR_", undefined],
    ["SUPERVISOR_PROGRAM", undefined],
  ];
  for (const [variable, target] of cases) {
    assertEquals([variable, split(variable)], [variable, target]);
  }
});

Deno.test("spellVariable() is undone by splitVariableName() for every option", () => {
  for (const [kind, { named, options }] of SUPERVISORD_SECTIONS) {
    const section = named ? `${kind}:a_b` : kind;
    for (const key of options.keys()) {
      assertEquals(split(spellVariable(section, key)), `${section} ${key}`);
    }
  }
});

Deno.test("splitFreeName() hands plugins their own keys", () => {
  const sections = new Set(["rpcinterface:twiddler", "program:web"]);
  const has = (kind: string, name: string) => sections.has(`${kind}:${name}`);
  const free = (variable: string, allow: boolean) => splitFreeName(variable, has, allow);
  assertEquals(free("SUPERVISOR_RPCINTERFACE__TWIDDLER_MAX_USERS", false), {
    kind: "rpcinterface",
    name: "twiddler",
    key: "max_users",
  });
  assertEquals(free("SUPERVISOR_RPCINTERFACE__OTHER_MAX_USERS", false), undefined);
  assertEquals(free("SUPERVISOR_PROGRAM__WEB_COLOUR", false), undefined);
  assertEquals(free("SUPERVISOR_PROGRAM__WEB_COLOUR", true)?.key, "colour");
  assertEquals(free("SUPERVISOR_SUPERVISORD_COLOUR", true)?.key, "colour");
});

Deno.test("suggestVariable() finds what was meant", () => {
  const cases: [string, string | undefined][] = [
    ["SUPERVISOR_PROGRAM__APP_STARTSEC", "SUPERVISOR_PROGRAM__APP_STARTSECS"],
    ["SUPERVISOR_PROGRAM_STRATSECS", "SUPERVISOR_PROGRAM_STARTSECS"],
    ["SUPERVISOR_PROGRAM_WEB_COMMAND", "SUPERVISOR_PROGRAM__WEB_COMMAND"],
    ["SUPERVISOR_PROGRAM__WEB__COMMAND", "SUPERVISOR_PROGRAM__WEB_COMMAND"],
    ["SUPERVISOR_PROGRAM__web_COMMAND", "SUPERVISOR_PROGRAM__WEB_COMMAND"],
    ["SUPERVISOR_PROGRM__WEB_COMMAND", "SUPERVISOR_PROGRAM__WEB_COMMAND"],
    ["SUPERVISOR_SUPERVISORD_LOGLEVL", "SUPERVISOR_SUPERVISORD_LOGLEVEL"],
    ["SUPERVISOR_SUPERVISOR_LOGLEVEL", "SUPERVISOR_SUPERVISORD_LOGLEVEL"],
    ["SUPERVISOR_EVENTLISTNER__MEMMON_EVENT", undefined],
    ["SUPERVISOR_COLOUR", undefined],
  ];
  for (const [variable, meant] of cases.filter(([, meant]) => meant !== undefined)) {
    assertEquals([variable, suggestVariable(variable)], [variable, meant]);
  }
  assertEquals(suggestVariable("SUPERVISOR_COLOUR"), undefined);
});
