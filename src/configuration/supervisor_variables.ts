/**
 * `SUPERVISOR_<SECTION>_<KEY>` variables: the whole of supervisord's configuration from the
 * environment, every value checked before anything starts.
 *
 * @module
 */
import type { ConfigurationIssue } from "../formats/configuration_error.ts";
import { prepareNames } from "./expansion_names.ts";
import { checkOptionValue, type HostFacts } from "./option_value.ts";
import { stripPythonSpace } from "../formats/python_text.ts";
import { originKey, type Origins } from "../formats/render.ts";
import { isSecretName } from "../formats/secrets.ts";
import { findOption, FREE_OPTION } from "../formats/supervisord_options.ts";
import {
  splitFreeName,
  splitVariableName,
  suggestVariable,
  VARIABLE_PREFIX,
  type VariableTarget,
} from "./variable_names.ts";
import { MASK } from "../formats/mask_credentials.ts";
import { isStreamPath } from "../formats/paths.ts";
import { findMissingOptions } from "./missing_options.ts";

/** How to read the variables. */
export interface SupervisorVariablesOptions {
  /** The engine's program; the aliases mean it. */
  readonly engineName: string;
  /** Whether a variable that sets nothing is warned of rather than refused. */
  readonly allowUnknown: boolean;
  /** What only the machine knows; without it, users and directories are not looked up. */
  readonly host?: HostFacts | undefined;
  /**
   * The directory of the configuration file, for `%(here)s`.
   *
   * @default {"/"}
   */
  readonly here?: string | undefined;
}

/** What the variables say. */
export interface SupervisorVariables {
  /** Values by section and key, the text that supervisord's `%` expansion receives. */
  readonly sections: Map<string, Map<string, string>>;
  /** The variable that each value came from, by {@linkcode originKey}. */
  readonly origins: Origins;
  /** What is wrong, in the order of the variables' names. */
  readonly issues: ConfigurationIssue[];
  /** What the user should know; no secret in them. */
  readonly warnings: string[];
  /** What was left alone and why; no secret in them. */
  readonly debug: string[];
}

const OURS = new Set(["SUPERVISOR_CONFIG_PATH", "SUPERVISOR_ALLOW_UNKNOWN"]);
const SUPERVISORDS = new Set([
  "SUPERVISOR_ENABLED",
  "SUPERVISOR_PROCESS_NAME",
  "SUPERVISOR_GROUP_NAME",
  "SUPERVISOR_SERVER_URL",
]);

/**
 * What Kubernetes injects for a Service called supervisor, or supervisor-something.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const SERVICE = /^SUPERVISOR_(?:[A-Z0-9_]+_)?SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)$/;
const SERVICE_PORT =
  /^SUPERVISOR_(?:[A-Z0-9_]+_)?PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?$/;
const SERVICE_URL = /^(?:tcp|udp|sctp):\/\//;

/** What each listener of superlance 2.0.0 listens to, as its documentation sets it up. */
const LISTENER_EVENTS: ReadonlyMap<string, string> = new Map([
  ["memmon", "TICK_60"],
  ["httpok", "TICK_60"],
  ["crashmail", "PROCESS_STATE_EXITED"],
  ["crashmailbatch", "PROCESS_STATE,TICK_60"],
  ["crashsms", "PROCESS_STATE,TICK_60"],
  ["fatalmailbatch", "PROCESS_STATE,TICK_60"],
]);

function isInjected(variable: string, value: string): boolean {
  // No Service has a longer name, and the patterns' cost is not linear in it.
  if (variable.length > 300) return false;
  if (SERVICE.test(variable)) return true;
  return SERVICE_PORT.test(variable) && (/_\d+_/.test(variable) || SERVICE_URL.test(value));
}

/** What a member of a group may be called and is the engine anyway. */
const ENGINE_ALIASES = new Set(["app", "llm_engine"]);

/** How exactly a program's name says "the engine"; `undefined` where it means another program. */
function rankEngineName(name: string | undefined, engineName: string): number | undefined {
  if (name === undefined) return 0;
  const plain = name.replaceAll(/[.-]/g, "_");
  if (plain === engineName.toLowerCase().replaceAll(/[.-]/g, "_")) return 3;
  return plain === "llm_engine" ? 2 : plain === "app" ? 1 : undefined;
}

interface Setter {
  readonly variable: string;
  readonly value: string;
  readonly rank: number;
}

/** Collects the values, the most exact name winning. */
class Collector {
  readonly sections = new Map<string, Map<string, string>>();
  readonly setters = new Map<string, Setter>();
  readonly origins = new Map<string, string>();
  readonly warnings: string[] = [];

  constructor(readonly engineName: string) {}

  set(target: VariableTarget, variable: string, given: string) {
    const { kind, name, key } = target;
    const engineRank = kind === "program" ? rankEngineName(name, this.engineName) : undefined;
    const sectionName = engineRank === undefined ? name : this.engineName;
    const section = sectionName === undefined ? kind : `${kind}:${sectionName}`;
    if (engineRank !== undefined && key === "command") {
      this.warnings.push(
        `${variable} is not used: the engine's command is the one on the command line`,
      );
      return;
    }
    const type = (findOption(section, key) ?? FREE_OPTION).type;
    const value = type === "text" ? given : stripPythonSpace(given);
    const origin = originKey(section, key);
    const setter = { variable, value, rank: engineRank ?? 0 };
    const other = this.setters.get(origin);
    if (other !== undefined) {
      const [winner, loser] = setter.rank > other.rank ? [setter, other] : [other, setter];
      if (winner.value !== loser.value) {
        this.warnings.push(
          `${loser.variable} is not used: ${winner.variable} says the same more exactly`,
        );
      }
      if (winner === other) return;
    }
    this.setters.set(origin, setter);
    this.put(section, key, value, variable);
  }

  put(section: string, key: string, value: string, variable: string) {
    let values = this.sections.get(section);
    if (values === undefined) this.sections.set(section, values = new Map());
    values.set(key, value);
    this.origins.set(originKey(section, key), variable);
  }

  hasSection(kind: string, name: string): boolean {
    if (kind === "program" && rankEngineName(name, this.engineName) !== undefined) return true;
    return this.sections.has(`${kind}:${name}`) || kind === "rpcinterface" && name === "supervisor";
  }

  /** Sets what follows from what was set, under the name of the variable it follows from. */
  complete() {
    for (const [section, values] of this.sections) {
      if (section.startsWith("eventlistener:") && !values.has("events")) {
        const program = (values.get("command") ?? "").split(/\s/, 1)[0]?.split("/").at(-1) ?? "";
        const events = LISTENER_EVENTS.get(program) ??
          LISTENER_EVENTS.get(section.slice("eventlistener:".length));
        const variable = this.origins.get(originKey(section, "command"));
        if (events !== undefined && variable !== undefined) {
          this.put(section, "events", events, variable);
        }
      }
      for (const log of ["logfile", "stdout_logfile", "stderr_logfile"]) {
        const variable = this.origins.get(originKey(section, log));
        if (variable === undefined || values.has(`${log}_maxbytes`)) continue;
        // supervisord cannot rotate a stream, and says so once for each chunk of output.
        if (isStreamPath(values.get(log) ?? "")) {
          this.put(section, `${log}_maxbytes`, "0", variable);
        }
      }
      const programs = values.get("programs");
      if (section.startsWith("group:") && programs !== undefined) {
        const members = programs.split(",").map(stripPythonSpace)
          .map((member) => ENGINE_ALIASES.has(member) ? this.engineName : member);
        values.set("programs", members.join(","));
      }
    }
  }
}

/** What was meant is not known, and so not whether the value is a secret: it is never shown. */
function describeUnknown(variable: string): ConfigurationIssue {
  const meant = suggestVariable(variable);
  return {
    variable,
    value: MASK,
    expected: "an option of supervisord's",
    hint: meant === undefined ? undefined : `did you mean ${meant}?`,
  };
}

/**
 * Reads every `SUPERVISOR_<SECTION>_<KEY>` of an environment.
 *
 * The engine's section is meant by its own name, by `LLM_ENGINE`, by `APP` and by no name
 * (`SUPERVISOR_PROGRAM_STARTSECS`), the first of these winning. Its `command` is never taken from a
 * variable: the launch command wins, with a warning. White space at the edges of values is
 * dropped, except in options that are plain text.
 *
 * @example
 * ```ts
 * parseSupervisorVariables({ SUPERVISOR_PROGRAM__WEB_COMMAND: "gunicorn app:app" }, {
 *   engineName: "llm_engine",
 *   allowUnknown: false,
 * }).sections.get("program:web")?.get("command"); // gunicorn app:app
 * ```
 */
export function parseSupervisorVariables(
  env: Readonly<Record<string, string>>,
  options: SupervisorVariablesOptions,
): SupervisorVariables {
  const collector = new Collector(options.engineName);
  const { sections, origins, setters, warnings } = collector;
  const issues: ConfigurationIssue[] = [];
  const debug: string[] = [];
  const unknown: [string, string][] = [];

  for (const variable of Object.keys(env).sort()) {
    if (!variable.startsWith(VARIABLE_PREFIX) || OURS.has(variable)) continue;
    const value = env[variable] ?? "";
    if (SUPERVISORDS.has(variable)) {
      debug.push(`${variable} is left alone: supervisord sets it for its children`);
      continue;
    }
    const target = SERVICE_URL.test(value) && isInjected(variable, value)
      ? undefined
      : splitVariableName(variable);
    if (target !== undefined) collector.set(target, variable, value);
    else if (isInjected(variable, value)) {
      debug.push(`${variable} is left alone: Kubernetes sets it for a Service`);
    } else unknown.push([variable, value]);
  }

  const { allowUnknown } = options;
  for (const [variable, value] of unknown) {
    const hasSection = (kind: string, name: string) => collector.hasSection(kind, name);
    const free = splitFreeName(variable, hasSection, false);
    const target = free ?? (allowUnknown ? splitFreeName(variable, hasSection, true) : undefined);
    if (target !== undefined) collector.set(target, variable, value);
    if (free !== undefined) continue;
    const issue = describeUnknown(variable);
    if (allowUnknown) {
      const hint = issue.hint === undefined ? "" : `; ${issue.hint}`;
      warnings.push(`${variable} is no option that supervisord is known to have${hint}`);
    } else issues.push(issue);
  }
  collector.complete();

  const namesOf = prepareNames(sections, { environment: env, here: options.here });
  for (const [section, values] of sections) {
    for (const [key, value] of values) {
      const setter = setters.get(originKey(section, key));
      if (setter === undefined) continue;
      const spec = findOption(section, key) ?? FREE_OPTION;
      const { variable } = setter;
      const failure = checkOptionValue(spec, value, {
        names: namesOf(section, spec.names),
        secret: isSecretName(variable),
        host: options.host,
      });
      if (failure !== undefined) issues.push({ variable, value: setter.value, ...failure });
    }
  }
  issues.push(...findMissingOptions(sections, options.engineName));
  issues.sort((a, b) => a.variable < b.variable ? -1 : a.variable > b.variable ? 1 : 0);
  return { sections, origins, issues, warnings, debug };
}
