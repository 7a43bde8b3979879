import { assert, assertEquals } from "@std/assert";
import { renderIssue } from "../../src/formats/configuration_error.ts";
import {
  findOption,
  type OptionSpec,
  type OptionType,
  SUPERVISORD_SECTIONS,
} from "../../src/formats/supervisord_options.ts";
import { spellVariable } from "../../src/configuration/variable_names.ts";
import { type Checked, makeCheckedDocument } from "../support/checked_document.ts";
import {
  makeParserDirectory,
  type ParsedProcess,
  type ParserResult,
  parseWithSupervisord,
} from "../support/real_parser.ts";
import { type InstalledSupervisord, readSupervisords } from "../support/supervisords.ts";

type Sample = readonly [value: string, parsed: unknown];

/** Valid values of each type, with what supervisord makes of them. */
const SAMPLES: Readonly<Record<OptionType, readonly Sample[]>> = {
  autorestart: [["TRUE", "RestartUnconditionally"], ["off", false], [
    "Unexpected",
    "RestartWhenExitUnexpected",
  ]],
  boolean: [["yes", true], ["0", false], ["%(ENV_NO)s", false]],
  byte_size: [["0", 0], ["5MB", 5 * 2 ** 20], ["1 gb", 2 ** 30], ["%(ENV_SEVEN)sKB", 7168]],
  command: [["/bin/echo 'a b' ; #", "/bin/echo 'a b' ; #"], ["%(here)s/x 100%%", "HERE/x 100%"]],
  environment_list: [[`A=1,B="x, y"`, { A: "1", B: "x, y" }], ["", {}]],
  event_list: [["TICK_5, process_state", ["PROCESS_STATE", "TICK_5"]]],
  exit_codes: [["0,255", [0, 255]], ["", []], [" 1 , 2", [1, 2]]],
  existing_directory: [["/tmp", "/tmp"], ["%(here)s", "HERE"]],
  file_globs: [["/nowhere/*.conf %(here)s/more.conf", "/nowhere/*.conf HERE/more.conf"]],
  inet_address: [["127.0.0.1:9001", ["127.0.0.1", 9001]], ["*:1", ["", 1]], ["65535", ["", 65535]]],
  integer: [["1", 1], ["1_0", 10], ["+%(ENV_SEVEN)s", 7], ["٣", 3]],
  log_level: [["Warn", 30], ["blather", 3]],
  logfile_name: [["/tmp/a b;c.log", "/tmp/a b;c.log"], ["none", null], ["AUTO", "Automatic"]],
  logfile_path: [["/tmp/a ;b.log", "/tmp/a ;b.log"], ["%(here)s/x.log", "HERE/x.log"]],
  name_list: [["other, web", ["other", "web"]]],
  object_reference: [["supervisor.dispatchers:default_handler", "default_handler"]],
  octal: [["022", 0o22], ["0o77", 0o77]],
  path: [["/tmp/x ;y", "/tmp/x ;y"], ["%(here)s/x", "HERE/x"]],
  pidfile_path: [["/tmp/x.pid", "/tmp/x.pid"]],
  process_name: [["a_%(process_num)02d", "a_00"]],
  signal: [["SIGUSR1", 10], ["int", 2], ["9", 9]],
  socket_url: [["tcp://Localhost:9", "tcp://localhost:9"], ["unix:///tmp/s", "unix:///tmp/s"]],
  text: [["a;b#c", "a;b#c"], ["100%%", "100%"], ["%(ENV_SEVEN)s", "7"]],
  url: [["http://localhost:9001", "http://localhost:9001"], [
    "unix:///tmp/x.sock",
    "unix:///tmp/x.sock",
  ]],
  user: [["root", 0], ["0", 0]],
  user_and_group: [["root", [0, -1]], ["root:0", [0, 0]]],
};

/** Tried for every option: wherever supervisord refuses one, we must have refused it before. */
const ODDITIES = [
  "",
  " ",
  "x",
  "maybe",
  "-1",
  "-5MB",
  "0",
  "9",
  "08",
  "0x10",
  "1.5",
  "1__0",
  "_1",
  "5M",
  "5 M B",
  "256",
  "0,",
  ",",
  "0,256",
  "70000",
  "0:70000",
  "host:",
  ":",
  "[::1]:9001",
  "99999999999999999999",
  "warning",
  "__module__",
  "always",
  "RTMIN+1",
  "FOO",
  "SIG_DFL",
  "no such user",
  "nobody-here",
  "root:nothere",
  "/nope/nope",
  "/nope/nope/x.log",
  "relative",
  "A",
  "A=",
  "A=1,B",
  "A='1",
  'A="1',
  "A=1 B=2",
  "=1",
  "A==1",
  "TICK_7",
  "TICK_5,,",
  "nowhere",
  "a:b",
  "a/b",
  "a b",
  "tcp://h",
  "tcp://h:0",
  "tcp://h:99999",
  "unix://rel",
  "%",
  "%s",
  "%d",
  "50% of",
  "%(nothing)s",
  "%(ENV_NOTHING)s",
  "%(here)d",
  "%(program_name)s",
  "%(process_num)d",
  "%(process_num)s",
  "%(host_node_name)s",
  "%(ENV_PERCENT)s",
  "%%",
  "%%%%",
  "%(ENV_SEVEN)",
  "%*d",
  "a\n[x]\nb=c",
  "\n",
  "٣",
  "١٢٣",
  "²",
  "é",
  "'",
  '"',
  "\\",
];

const ENVIRONMENT = { SEVEN: "7", NO: "no", PERCENT: "100%", HOME: "/root", PATH: "/bin" };

const BASE = new Map([
  ["supervisord", new Map([["nodaemon", "true"], ["logfile", "/tmp/supervisord-never.log"]])],
  ["supervisorctl", new Map<string, string>()],
  ["program:other", new Map([["command", "/bin/true"]])],
]);

interface OptionCase {
  readonly section: string;
  readonly key: string;
  readonly spec: OptionSpec;
  /** What else the section needs. */
  readonly others: Readonly<Record<string, string>>;
}

const NEEDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  program: { command: "/bin/true" },
  eventlistener: { command: "/bin/true", events: "TICK_60" },
  "fcgi-program": { command: "/bin/true", socket: "unix:///tmp/fcgi.sock" },
  group: { programs: "other, web" },
  inet_http_server: { port: "9001" },
  unix_http_server: { file: "/tmp/options-test.sock" },
  rpcinterface: { "supervisor.rpcinterface_factory": "supervisor.dispatchers:default_handler" },
  ctlplugin: { "supervisor.ctl_factory": "supervisor.dispatchers:default_handler" },
};

function listOptions(): OptionCase[] {
  return [...SUPERVISORD_SECTIONS].flatMap(([kind, { named, options }]) =>
    [...options].map(([key, spec]) => {
      const others: Record<string, string> = { ...NEEDS[kind] };
      if (key === "username") others.password = "x";
      if (key === "password") others.username = "x";
      if (key === "numprocs") others.process_name = "p%(process_num)d";
      if (kind === "fcgi-program" && key.startsWith("socket_")) others.socket = "unix:///tmp/s";
      delete others[key];
      return { section: named ? `${kind}:web` : kind, key, spec, others };
    })
  );
}

function check(option: OptionCase, value: string, here: string): Checked {
  const { section, key, others } = option;
  const variables = { ...others, [key]: value };
  const base = section.startsWith("group:")
    ? new Map([...BASE, ["program:web", new Map([["command", "/bin/true"]])]])
    : BASE;
  return makeCheckedDocument(
    {
      ...ENVIRONMENT,
      ...Object.fromEntries(
        Object.entries(variables).map(([k, v]) => [spellVariable(section, k), v]),
      ),
    },
    here,
    base,
  );
}

/** Finds what supervisord made of the option. */
function readBack(option: OptionCase, result: ParserResult): unknown {
  if (!result.ok) return result.error;
  const { section, key } = option;
  const [kind = "", name] = section.split(":");
  if (kind === "supervisord" || kind === "supervisorctl") return result.root[key];
  if (kind === "include") return result.values["include"]?.["files"];
  if (kind === "rpcinterface" || kind === "ctlplugin") {
    return result.plugins.find(([plugin]) => plugin === name)?.[1];
  }
  if (kind.endsWith("_http_server")) {
    const server = (result.root["server_configs"] as Record<string, unknown>[])[0] ?? {};
    return key === "port" ? [server["host"], server["port"]] : server[key];
  }
  const group = result.groups.find((g) => g.name === name);
  if (kind === "group" && key === "programs") return group?.processes.map((p) => p["name"]);
  const inGroup: Readonly<Record<string, string>> = {
    events: "events",
    buffer_size: "buffer_size",
  };
  if (group === undefined) return "no group";
  if (key in inGroup || key === "priority" || key === "result_handler") return group[key];
  const socket = group["socket"] as Record<string, unknown> | undefined;
  if (key === "socket") return socket?.["url"];
  if (key.startsWith("socket_")) return socket?.[key.slice("socket_".length)];
  if (key === "numprocs") return group.processes.length;
  const process = group.processes[0];
  if (process === undefined) return "no process";
  return readProcess(key, process);
}

function readProcess(key: string, process: ParsedProcess): unknown {
  if (key === "numprocs_start") return Number(/\d+$/.exec(String(process["name"]))?.[0] ?? NaN);
  return process[key === "user" ? "uid" : key === "process_name" ? "name" : key];
}

/** Samples that fit the option, as some share a type and not every rule. */
function listSamples({ section, key, spec }: OptionCase): readonly Sample[] {
  if (key === "user" && section === "supervisord") return [["root", "root"]];
  if (key === "redirect_stderr" && section.startsWith("eventlistener")) return [["off", false]];
  if (key === "history_file" || key === "file") return [["%(here)s/x", "HERE/x"]];
  if (key === "killasgroup") return [["true", true], ["0", false]];
  if (key === "stopasgroup") return [["true", true], ["0", false]];
  if (section === "supervisorctl" && spec.type === "path") return [["/tmp/x ;y", "/tmp/x ;y"]];
  if (key === "environment" && section === "supervisord") return SAMPLES.environment_list;
  return SAMPLES[spec.type];
}

async function parseAll(
  supervisord: InstalledSupervisord,
  directory: ReturnType<typeof makeParserDirectory>,
  tries: readonly { option: OptionCase; text: string }[],
): Promise<ParserResult[]> {
  return await parseWithSupervisord(
    supervisord,
    directory,
    tries.map(({ option, text }) => ({
      text,
      environment: ENVIRONMENT,
      client: /^(?:supervisorctl|ctlplugin)/.test(option.section),
    })),
  );
}

for (const supervisord of readSupervisords()) {
  Deno.test(`SUPERVISORD_SECTIONS are read back by supervisord ${supervisord.version} as they were set`, async () => {
    using directory = makeParserDirectory();
    const tries = listOptions().flatMap((option) =>
      listSamples(option).filter(([value]) => option.key !== "numprocs_start" || value === "1")
        .map(([value, expected]) => {
          const start = option.key === "numprocs_start";
          const tried = start
            ? { ...option, others: { ...option.others, process_name: "p%(process_num)d" } }
            : option;
          const checked = check(tried, value, directory.path);
          if ("issues" in checked) {
            const issues = checked.issues.map(renderIssue).join("; ");
            throw new Error(`[${option.section}] ${option.key}=${value}: ${issues}`);
          }
          return { option, value, expected, text: checked.text };
        })
    );
    const results = await parseAll(supervisord, directory, tries);
    for (const [index, result] of results.entries()) {
      const { option, value, expected } = tries[index]!;
      assertEquals(
        JSON.stringify(readBack(option, result)),
        JSON.stringify(expected).replaceAll("HERE", directory.path),
        `[${option.section}] ${option.key}=${value}`,
      );
    }
    assert(tries.length > listOptions().length);
  });

  Deno.test(`parseSupervisorVariables() refuses whatever supervisord ${supervisord.version} refuses`, async () => {
    using directory = makeParserDirectory();
    const tries = listOptions().flatMap((option) =>
      ODDITIES.flatMap((value) => {
        const checked = check(option, value, directory.path);
        // A module that is not there can only be found out by importing it.
        const importable = findOption(option.section, option.key)?.type !== "object_reference";
        return "text" in checked && importable ? [{ option, value, text: checked.text }] : [];
      })
    );
    const results = await parseAll(supervisord, directory, tries);
    const missed = results.flatMap((result, index) => {
      const { option, value } = tries[index]!;
      return result.ok ? [] : [`[${option.section}] ${option.key}=${value}: ${result.error}`];
    });
    assertEquals(missed, []);
    assert(tries.length > 1000);
  });
}
