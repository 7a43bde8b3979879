/**
 * What `%(name)s` stands for in each option of each section.
 *
 * @module
 */
import { parseEnvironmentList } from "../formats/environment_list.ts";
import { expandValue, type ExpansionNames } from "../formats/expansion.ts";
import type { NameScope } from "../formats/supervisord_options.ts";

/** What is known before supervisord runs; the rest gets harmless stand-ins. */
export interface KnownNames {
  /** supervisord's own environment. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * The directory of the configuration file.
   *
   * @default {"/"}
   */
  readonly here?: string | undefined;
}

/** Looks names up for one option of one section. */
export type NamesOf = (section: string, scope: NameScope) => ExpansionNames;

const SCOPES: Readonly<Record<NameScope, readonly string[]>> = {
  environment: [],
  here: ["here"],
  host: ["here", "host_node_name"],
  socket: ["here", "program_name"],
  program: ["here", "host_node_name", "program_name", "group_name"],
  process: ["here", "host_node_name", "program_name", "group_name", "process_num", "numprocs"],
};

type Values = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Prepares the look-up for a document: `ENV_*` from the environment, from `[supervisord]
 * environment` and, where the option knows it, from the section's own `environment`.
 */
export function prepareNames(sections: Values, known: KnownNames): NamesOf {
  const environments = new Map<string, ReadonlyMap<string, string>>();
  const none: ReadonlyMap<string, string> = new Map();

  function readEnvironment(section: string, times: number, names: ExpansionNames) {
    let text = sections.get(section)?.get("environment");
    if (text === undefined) return none;
    for (; times > 0; times--) {
      const expansion = expandValue(text, names);
      if ("failure" in expansion) return none;
      text = expansion.text;
    }
    const list = parseEnvironmentList(text);
    return "failure" in list ? none : list.variables;
  }

  function environmentOf(section: string): ReadonlyMap<string, string> {
    let environment = environments.get(section);
    if (environment === undefined) {
      // While it is being read its own variables are not known to it.
      environments.set(section, none);
      environment = section === "supervisord"
        ? readEnvironment(section, 2, namesOf(section, "here"))
        : readEnvironment(section, 1, namesOf(section, "process"));
      environments.set(section, environment);
    }
    return environment;
  }

  function findVariable(section: string, scope: NameScope, name: string): string | undefined {
    const own = scope === "process" ? environmentOf(section).get(name) : undefined;
    const shared = section === "supervisord" || section === "supervisorctl" || section === "include"
      ? undefined
      : environmentOf("supervisord").get(name);
    return own ?? shared ??
      (Object.hasOwn(known.environment, name) ? known.environment[name] : undefined);
  }

  function namesOf(section: string, scope: NameScope): ExpansionNames {
    const name = section.slice(section.indexOf(":") + 1);
    const standIns: Readonly<Record<string, string | number>> = {
      here: known.here ?? "/",
      host_node_name: "host",
      program_name: name,
      group_name: name,
      process_num: 0,
      numprocs: 1,
    };
    return {
      get(wanted) {
        if (wanted.startsWith("ENV_")) return findVariable(section, scope, wanted.slice(4));
        return SCOPES[scope].includes(wanted) ? standIns[wanted] : undefined;
      },
    };
  }

  return namesOf;
}
