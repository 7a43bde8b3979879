import { assert, assertEquals } from "@std/assert";
import { expandValue } from "../../src/formats/expansion.ts";
import { prepareNames } from "../../src/configuration/expansion_names.ts";
import { quoteCommand } from "../../src/formats/quote_command.ts";
import { renderIssue } from "../../src/formats/configuration_error.ts";
import type { ConfigDocument } from "../../src/formats/render.ts";
import {
  findOption,
  FREE_OPTION,
  SUPERVISORD_SECTIONS,
} from "../../src/formats/supervisord_options.ts";
import { spellVariable } from "../../src/configuration/variable_names.ts";
import { makeCheckedDocument } from "../support/checked_document.ts";
import { FUZZ_CASES, makeRandom, type Random, randomText } from "../support/random.ts";
import {
  makeParserDirectory,
  type ParserCase,
  parseWithSupervisord,
} from "../support/real_parser.ts";
import { readSupervisords } from "../support/supervisords.ts";

const NAMES = ["web", "a_b", "app", "x1", "memmon", "llm_engine", "startsecs", "my-web"];

const PLAUSIBLE = [
  "1",
  "0",
  "5",
  "10MB",
  "true",
  "false",
  "unexpected",
  "TERM",
  "0,2",
  "022",
  "info",
  "root",
  "/tmp",
  "/tmp/x.log",
  "AUTO",
  "NONE",
  "/dev/stdout",
  "TICK_60",
  "PROCESS_STATE_EXITED,TICK_5",
  "A=1,B='x y'",
  "%(program_name)s_%(process_num)02d",
  "echo 'a b' \"c\"",
  "%(here)s/x",
  "tcp://localhost:9",
  "unix:///tmp/s",
  "127.0.0.1:9001",
  "supervisor.dispatchers:default_handler",
  "web",
  "app,web",
  "%(ENV_SECRET)s",
  "%(ENV_ODD)s",
  "100%%",
] as const;

const BASE: ConfigDocument = new Map([
  ["supervisord", new Map([["nodaemon", "true"], ["logfile", "/tmp/supervisord-never.log"]])],
  ["unix_http_server", new Map([["file", "%(here)s/supervisor.sock"]])],
  ["program:llm_engine", new Map([["command", quoteCommand(["serve", "50%", "a;b #c"]).command]])],
]);

/** Nothing here belongs to us, and nothing of it may stop a start. */
const ODD = {
  HOME: "/root",
  SECRET: "p%ss;#",
  ODD: "x % y %(z)s %",
  PERCENT_: "%s",
  "WEIRD.NAME": "%(",
};

const HOSTILE_WORDS = [
  " \n[x]\ny=z",
  "%%",
  "\t;",
  "'[z]'",
  " ; #",
  "%(here)s",
  "%(ENV_ODD).3s",
] as const;

/** A good value for an option, as hostile as it may be. */
function chooseGood(random: Random, section: string, key: string): string {
  const { type, names, max } = findOption(section, key) ?? FREE_OPTION;
  switch (type) {
    case "command":
      return `echo ${random.pick(PLAUSIBLE)} ; # ${random.pick(HOSTILE_WORDS)}`;
    case "process_name":
      return "%(program_name)s_%(process_num)02d";
    case "event_list":
      return "TICK_5";
    case "socket_url":
      return random.pick(["unix:///tmp/%(program_name)s.sock", "tcp://localhost:9"]);
    case "object_reference":
      return "supervisor.dispatchers:default_handler";
    case "inet_address":
      return random.pick(["9001", "*:9001"]);
    case "name_list":
      return "app";
    case "environment_list":
      return random.pick(["A=1", "A='%(here)s;# \n[x]'", 'B="%(ENV_HOME)s"', ""]);
    case "integer":
    case "byte_size":
    case "signal":
    case "exit_codes":
      return random.pick(["1", "5", "1_0"]);
    case "octal":
      return max === 0o777 ? "022" : "0700";
    case "boolean":
      return key === "redirect_stderr" ? "false" : "true";
    case "autorestart":
      return "unexpected";
    case "log_level":
      return "info";
    case "existing_directory":
      return "/tmp";
    case "user":
    case "user_and_group":
      return "root";
    case "url":
      return "unix:///tmp/x ;y";
    case "file_globs":
      return "/nowhere/*";
    default: {
      if (names === "environment") return random.pick(["x;y", "%(ENV_SECRET)s", "a\n[x]", "#1"]);
      const text = randomText(random).replaceAll("%", "%%").replaceAll(/[\r\0/]/g, "");
      return type === "text" ? text : `/tmp/x${text.replaceAll("%", "")}y`;
    }
  }
}

/** A module that is not there can only be found out by importing it. */
function isReference(section: string, key: string): boolean {
  return findOption(section, key)?.type === "object_reference";
}

function randomVariables(random: Random): Record<string, string> {
  const variables: Record<string, string> = { ...ODD };
  const allGood = random.integer(3) > 0;
  const kinds = [...SUPERVISORD_SECTIONS.keys()].filter((kind) => kind !== "include");
  for (let left = 1 + random.integer(4); left > 0; left--) {
    const kind = random.pick(kinds);
    const spec = SUPERVISORD_SECTIONS.get(kind)!;
    const section = spec.named ? `${kind}:${random.pick(NAMES)}` : kind;
    const keys = [...spec.options.keys()];
    const needed = keys.filter((key) => spec.options.get(key)?.required === true);
    if (keys.includes("numprocs")) needed.push("process_name");
    if (keys.includes("password")) needed.push("username", "password");
    for (const key of [...needed, random.pick(keys), random.pick(keys)]) {
      const good = allGood || random.integer(4) > 0;
      variables[spellVariable(section, key)] = good
        ? chooseGood(random, section, key)
        : random.integer(2) > 0 || isReference(section, key)
        ? random.pick(PLAUSIBLE)
        : randomText(random);
    }
    if (!allGood && random.integer(10) === 0) {
      variables[`SUPERVISOR_${randomText(random)}`] = randomText(random);
    }
  }
  for (const name of Object.keys(variables)) if (/[=\0]/.test(name)) delete variables[name];
  return variables;
}

/** What the document means: each value expanded once, with the names that the harness uses. */
function readMeaning(document: ConfigDocument, environment: Record<string, string>, here: string) {
  const namesOf = prepareNames(document, { environment, here });
  return Object.fromEntries([...document].map(([section, values]) => [
    section,
    Object.fromEntries([...values].map(([key, value]) => {
      const expansion = expandValue(
        value,
        namesOf(section, (findOption(section, key) ?? FREE_OPTION).names),
      );
      return [key, "text" in expansion ? expansion.text : null];
    })),
  ]));
}

for (const supervisord of readSupervisords()) {
  Deno.test(`parseSupervisorVariables() and supervisord ${supervisord.version} agree: ${FUZZ_CASES} random sets`, async () => {
    using directory = makeParserDirectory();
    const random = makeRandom();
    const meant: { meaning: unknown; variables: Record<string, string> }[] = [];
    const cases: ParserCase[] = [];
    let refused = 0;
    for (let left = FUZZ_CASES; left > 0; left--) {
      const variables = randomVariables(random);
      const checked = makeCheckedDocument(variables, directory.path, BASE);
      if ("issues" in checked) {
        refused++;
        assert(checked.issues.length > 0 && checked.issues.map(renderIssue).join("").length > 0);
        continue;
      }
      meant.push({
        meaning: readMeaning(checked.document, variables, directory.path),
        variables,
      });
      cases.push({ text: checked.text, environment: variables });
    }
    const results = await parseWithSupervisord(supervisord, directory, cases);
    for (const [index, result] of results.entries()) {
      const { meaning, variables } = meant[index]!;
      assertEquals(
        result.ok ? result.values : result.error,
        meaning,
        `FUZZ_SEED=${random.seed}: ${JSON.stringify(variables)}\n${cases[index]?.text}`,
      );
    }
    console.log(`  seed ${random.seed}: ${cases.length} files as meant, ${refused} refused`);
    assert(cases.length > FUZZ_CASES / 10 && refused > 0);
  });
}
