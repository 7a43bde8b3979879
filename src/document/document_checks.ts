/**
 * What supervisord demands of options taken together, and what it accepts though it cannot work.
 *
 * @module
 */
import type { ConfigurationIssue } from "../formats/configuration_error.ts";
import { expandValue } from "../formats/expansion.ts";
import { type KnownNames, type NamesOf, prepareNames } from "../configuration/expansion_names.ts";
import { parsePythonInteger } from "../formats/python_text.ts";
import {
  type ConfigDocument,
  type ConfigSection,
  originKey,
  type Origins,
} from "../formats/render.ts";
import { findOption } from "../formats/supervisord_options.ts";
import { isTrue } from "../formats/boolean.ts";
import { isStreamPath } from "../formats/paths.ts";
import { parseProgramHeader } from "../formats/section_header.ts";
import { splitList } from "../configuration/value_checks.ts";
import { spellVariable } from "../configuration/variable_names.ts";

/** What a document is checked with. */
export interface DocumentContext extends KnownNames {
  /** The variable that each value came from. */
  readonly origins?: Origins | undefined;
}

/** A path in `sun_path` may have 107 bytes; supervisord first binds it with `.PID` behind. */
const LONGEST_SOCKET = 107 - ".4194304".length;

/** One document under scrutiny. */
class Checker {
  readonly issues: ConfigurationIssue[] = [];
  readonly namesOf: NamesOf;
  readonly origins: Origins;

  constructor(readonly document: ConfigDocument, context: DocumentContext) {
    this.namesOf = prepareNames(document, context);
    this.origins = context.origins ?? new Map();
  }

  /** The value as supervisord reads it, or its default. */
  read(section: string, key: string): string | undefined {
    const spec = findOption(section, key);
    const value = this.document.get(section)?.get(key) ?? spec?.default;
    if (value === undefined || spec === undefined) return undefined;
    const expansion = expandValue(value, this.namesOf(section, spec.names));
    return "text" in expansion ? expansion.text : undefined;
  }

  isOn(section: string, key: string): boolean {
    return isTrue(this.read(section, key) ?? "");
  }

  report(section: string, key: string, expected: string, hint?: string) {
    const origin = originKey(section, key);
    const value = this.document.get(section)?.get(key);
    const variable = this.origins.get(origin) ??
      (value === undefined ? spellVariable(section, key) : origin);
    this.issues.push({ variable, value, expected, hint });
  }
}

function checkCredentials(checker: Checker, section: string, values: ConfigSection) {
  for (const [key, other] of [["username", "password"], ["password", "username"]] as const) {
    if (values.has(key) || !values.has(other)) continue;
    checker.report(section, key, `[${section}] has a ${other}, and supervisord wants both or none`);
  }
}

function checkLogs(checker: Checker, section: string, values: ConfigSection) {
  for (const log of ["logfile", "stdout_logfile", "stderr_logfile"]) {
    const size = `${log}_maxbytes`;
    if (!values.has(log) || !isStreamPath(checker.read(section, log) ?? "")) continue;
    if (/^[0\s]*(?:[kmg]b)?$/i.test(checker.read(section, size) ?? "")) continue;
    checker.report(section, size, "0", `${log} is no file that could be rotated`);
  }
}

/** The names of a program's processes, or none where they cannot be told. */
function readProcessNames(checker: Checker, section: string): string[] {
  const template = checker.document.get(section)?.get("process_name") ?? "%(program_name)s";
  // Without a number all have one name, which is reported already.
  const count = template.includes("%(process_num)")
    ? parsePythonInteger(checker.read(section, "numprocs") ?? "") ?? 0
    : 1;
  const start = parsePythonInteger(checker.read(section, "numprocs_start") ?? "") ?? 0;
  const names = checker.namesOf(section, "process");
  const found: string[] = [];
  for (let number = start; number < start + Math.min(count, 10_000); number++) {
    const numbers = new Map([["process_num", number], ["numprocs", count]]);
    const expansion = expandValue(template, {
      get: (name) => numbers.get(name) ?? names.get(name),
    });
    if ("text" in expansion) found.push(expansion.text);
  }
  return found;
}

function checkProgram(checker: Checker, section: string, values: ConfigSection) {
  if (checker.isOn(section, "stopasgroup") && values.has("killasgroup")) {
    if (!checker.isOn(section, "killasgroup")) {
      checker.report(section, "killasgroup", "true, as stopasgroup is", "supervisord refuses this");
    }
  }
  const count = parsePythonInteger(checker.read(section, "numprocs") ?? "") ?? 1;
  const template = values.get("process_name");
  if (count > 1 && !(template ?? "").includes("%(process_num)")) {
    checker.report(
      section,
      "process_name",
      template === undefined
        ? `[${section}] has more than one process, and each needs a name`
        : "a name with %(process_num)d in it, as numprocs is more than 1",
      template === undefined ? "e.g. %(program_name)s_%(process_num)02d" : undefined,
    );
  }
  if (section.startsWith("eventlistener:") && checker.isOn(section, "redirect_stderr")) {
    checker.report(section, "redirect_stderr", "false", "listeners speak to supervisord on stdout");
  }
  if (section.startsWith("fcgi-program:") && /^tcp:/.test(checker.read(section, "socket") ?? "")) {
    for (const key of ["socket_owner", "socket_mode"]) {
      if (values.has(key)) checker.report(section, key, "an option of a unix:// socket");
    }
  }
}

/** Where each group's processes come from, heterogeneous groups first, as supervisord sorts them out. */
function checkGroups(checker: Checker) {
  const { document } = checker;
  const members = new Set<string>();
  const groups = new Map<string, string>();
  function claim(name: string, section: string, programs: readonly string[]) {
    const other = groups.get(name);
    if (other !== undefined) {
      const [key = "priority"] = document.get(section)?.keys() ?? [];
      checker.report(
        section,
        key,
        "an option of a group with a name of its own",
        `[${other}] has the same name, and supervisord would drop one of them`,
      );
    }
    groups.set(name, section);
    const seen = new Set<string>();
    for (const program of programs) {
      for (const process of readProcessNames(checker, program)) {
        if (seen.has(process)) {
          checker.report(program, "process_name", "a name that no other process of its group has");
          break;
        }
        seen.add(process);
      }
    }
  }
  for (const section of document.keys()) {
    if (!section.startsWith("group:")) continue;
    const programs: string[] = [];
    for (const program of new Set(splitList(checker.read(section, "programs") ?? ""))) {
      const found = [`program:${program}`, `fcgi-program:${program}`].filter((s) =>
        document.has(s)
      );
      if (found.length !== 1) {
        checker.report(
          section,
          "programs",
          found.length === 0 ? "names of programs that are there" : "names that are not ambiguous",
        );
      }
      for (const member of found) members.add(member);
      if (found.length === 1) programs.push(...found);
    }
    claim(section.slice("group:".length), section, programs);
  }
  for (const section of document.keys()) {
    const program = parseProgramHeader(section);
    if (program === undefined || members.has(section)) continue;
    claim(program.name, section, [section]);
  }
}

function checkSocketFile(checker: Checker) {
  const file = checker.read("unix_http_server", "file");
  if (file === undefined || new TextEncoder().encode(file).length <= LONGEST_SOCKET) return;
  checker.report("unix_http_server", "file", `a path of at most ${LONGEST_SOCKET} bytes`);
}

/** Finds what is wrong between the options of a complete document, each of them good by itself. */
export function findDocumentIssues(
  document: ConfigDocument,
  context: DocumentContext,
): ConfigurationIssue[] {
  const checker = new Checker(document, context);
  for (const [section, values] of document) {
    if (section.endsWith("_http_server")) checkCredentials(checker, section, values);
    checkLogs(checker, section, values);
    if (parseProgramHeader(section) !== undefined) checkProgram(checker, section, values);
  }
  checkGroups(checker);
  checkSocketFile(checker);
  return checker.issues;
}
