/**
 * One check for each type of option, on text that is already expanded.
 *
 * @module
 */
import { BOOLEAN, parseBoolean } from "../formats/boolean.ts";
import { isPythonSpace, parsePythonInteger, stripPythonSpace } from "../formats/python_text.ts";
import { parseSignal } from "../formats/signals.ts";
import type { OptionSpec, OptionType } from "../formats/supervisord_options.ts";

/** What a value was expected to be. */
export interface ValueFailure {
  /** A phrase that completes "cannot be read as", e.g. `an integer from 0 to 100`. */
  readonly expected: string;
  /** How to fix it. */
  readonly hint?: string;
}

/** Look-ups that only the machine can answer; the process edge passes them in. */
export interface HostFacts {
  /** Whether `path`, which may start with `~`, is a directory. */
  isDirectory(path: string): boolean;
  /** Whether a user of that name or number exists. */
  hasUser(user: string): boolean;
  /** Whether a group of that name or number exists. */
  hasGroup(group: string): boolean;
}

type Check = (text: string, spec: OptionSpec, host?: HostFacts) => ValueFailure | undefined;

const OBJECT_REFERENCE = /^[a-z_]\w*(?:\.[a-z_]\w*)*\s*:\s*[a-z_]\w*(?:\.[a-z_]\w*)*$/i;

const LOG_LEVELS = /^(?:critical|error|warn|info|debug|trace|blather)$/i;

/** Every event a listener can subscribe to. */
export const EVENT_NAMES: readonly string[] = [
  "EVENT",
  "PROCESS_STATE",
  "PROCESS_STATE_STOPPED",
  "PROCESS_STATE_EXITED",
  "PROCESS_STATE_STARTING",
  "PROCESS_STATE_STOPPING",
  "PROCESS_STATE_BACKOFF",
  "PROCESS_STATE_FATAL",
  "PROCESS_STATE_RUNNING",
  "PROCESS_STATE_UNKNOWN",
  "PROCESS_COMMUNICATION",
  "PROCESS_COMMUNICATION_STDOUT",
  "PROCESS_COMMUNICATION_STDERR",
  "PROCESS_LOG",
  "PROCESS_LOG_STDOUT",
  "PROCESS_LOG_STDERR",
  "REMOTE_COMMUNICATION",
  "SUPERVISOR_STATE_CHANGE",
  "SUPERVISOR_STATE_CHANGE_RUNNING",
  "SUPERVISOR_STATE_CHANGE_STOPPING",
  "TICK",
  "TICK_5",
  "TICK_60",
  "TICK_3600",
  "PROCESS_GROUP",
  "PROCESS_GROUP_ADDED",
  "PROCESS_GROUP_REMOVED",
];

const EVENTS = new Set(EVENT_NAMES);

function unless(good: boolean, expected: string, hint?: string): ValueFailure | undefined {
  if (good) return undefined;
  return hint === undefined ? { expected } : { expected, hint };
}

function isBetween(number: number | undefined, min = -Infinity, max = Infinity): boolean {
  return number !== undefined && number >= min && number <= max;
}

function describeRange({ min, max }: OptionSpec, noun: string): string {
  if (min === undefined && max === undefined) return noun;
  if (max === undefined || max === 0x7fffffff) {
    return min === undefined || min < 0 ? noun : `${noun} of at least ${min}`;
  }
  return `${noun} from ${min ?? 0} to ${max}`;
}

/** Cuts a list at its commas, as supervisord's `list_of_strings` does: nothing is an empty list. */
export function splitList(text: string): string[] {
  return text === "" ? [] : text.split(",").map(stripPythonSpace);
}

function parseByteSize(text: string): number | undefined {
  const suffix = /(?:kb|mb|gb)$/i.exec(text)?.[0].toLowerCase();
  const number = parsePythonInteger(suffix === undefined ? text : text.slice(0, -2));
  const factor = suffix === undefined ? 1 : { kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 }[suffix];
  return number === undefined ? undefined : number * (factor ?? NaN);
}

/** Tells whether shell-like word splitting would run into the end of the text. */
function isUnfinished(command: string): boolean {
  const rest = command.replaceAll(/'[^']*'|"(?:[^"\\]|\\[^])*"|\\[^]/g, "");
  return /['"\\]/.test(rest);
}

function checkCommand(text: string): ValueFailure | undefined {
  if (stripPythonSpace(text) === "") return { expected: "a command" };
  return unless(!isUnfinished(text), "a command whose quotes are closed");
}

function checkOctal(text: string, { max = 0o7777 }: OptionSpec): ValueFailure | undefined {
  return unless(
    isBetween(parsePythonInteger(text, 8), 0, max),
    `an octal number from 0 to ${max.toString(8).padStart(4, "0")}`,
  );
}

function checkSignal(text: string): ValueFailure | undefined {
  return unless(parseSignal(text) !== undefined, "a signal, e.g. TERM, SIGINT or 15");
}

function isName(text: string): boolean {
  return text !== "" && !/[:\p{Cc}]/u.test(text) && ![...text].some(isPythonSpace);
}

function checkUser(text: string, _spec: OptionSpec, host?: HostFacts): ValueFailure | undefined {
  if (!isName(text)) return { expected: "a user's name or number" };
  return unless(host?.hasUser(text) ?? true, "a user of this machine");
}

function checkUserAndGroup(
  text: string,
  spec: OptionSpec,
  host?: HostFacts,
): ValueFailure | undefined {
  const colon = text.indexOf(":");
  if (colon < 0) return checkUser(text, spec, host);
  const group = text.slice(colon + 1);
  if (!isName(text.slice(0, colon)) || !isName(group)) return { expected: "user or user:group" };
  return checkUser(text.slice(0, colon), spec, host) ??
    unless(host?.hasGroup(group) ?? true, "a group of this machine after the colon");
}

function checkPath(text: string): ValueFailure | undefined {
  return unless(text !== "", "a path");
}

/** The directory must be there already: supervisord makes none. */
function checkFilePath(text: string, _spec: OptionSpec, host?: HostFacts) {
  const slash = text.lastIndexOf("/");
  const directory = slash > 0 ? text.slice(0, slash) : slash === 0 ? "/" : undefined;
  return checkPath(text) ?? unless(
    directory === undefined || (host?.isDirectory(directory) ?? true),
    "a file in a directory that exists",
  );
}

function checkPort(text: string, expected: string): ValueFailure | undefined {
  return unless(isBetween(parsePythonInteger(text), 1, 65535), expected);
}

function checkInetAddress(text: string): ValueFailure | undefined {
  const expected = "[host:]port, the port from 1 to 65535";
  const colon = text.lastIndexOf(":");
  const host = text.slice(0, Math.max(colon, 0));
  if (/[:[\]/]/.test(host)) return { expected, hint: "supervisord listens on IPv4 only" };
  if ([...host].some(isPythonSpace)) return { expected };
  return checkPort(text.slice(colon + 1), expected);
}

function checkSocketUrl(text: string): ValueFailure | undefined {
  const expected = "tcp://host:port or unix:///absolute/path";
  if (/^unix:\/\/\/./.test(text)) return undefined;
  const port = /^tcp:\/\/[^\s:]+:(\d+)$/.exec(text)?.[1];
  return port === undefined ? { expected } : checkPort(port, expected);
}

function checkEvents(text: string): ValueFailure | undefined {
  const events = splitList(text).map((event) => event.toUpperCase());
  return unless(
    events.length > 0 && events.every((event) => EVENTS.has(event)),
    "a comma-separated list of events, e.g. TICK_60 or PROCESS_STATE_EXITED",
  );
}

/** The check for each type; environment lists have a file of their own. */
export const VALUE_CHECKS: Readonly<Record<Exclude<OptionType, "environment_list">, Check>> = {
  autorestart: (text) =>
    unless(
      parseBoolean(text) !== undefined || /^unexpected$/i.test(text),
      "true, false or unexpected",
    ),
  boolean: (text) => unless(parseBoolean(text) !== undefined, BOOLEAN),
  byte_size: (text, spec) =>
    unless(
      isBetween(parseByteSize(text), spec.min, Number.MAX_SAFE_INTEGER),
      "a size in bytes, e.g. 0, 512KB, 50MB or 1GB",
    ),
  command: checkCommand,
  event_list: checkEvents,
  exit_codes: (text) =>
    unless(
      text === "" || text.split(",").every((code) => isBetween(parsePythonInteger(code), 0, 255)),
      "a comma-separated list of exit codes from 0 to 255",
    ),
  existing_directory: (text, _spec, host) =>
    checkPath(text) ?? unless(host?.isDirectory(text) ?? true, "a directory that exists"),
  file_globs: (text) => unless(stripPythonSpace(text) !== "", "paths separated by blanks"),
  inet_address: checkInetAddress,
  integer: (text, spec) =>
    unless(
      isBetween(parsePythonInteger(text), spec.min, spec.max),
      describeRange(spec, "an integer"),
    ),
  log_level: (text) =>
    unless(LOG_LEVELS.test(text), "critical, error, warn, info, debug, trace or blather"),
  logfile_name: (text, spec, host) =>
    /^(?:|none|off|auto|syslog)$/i.test(text) ? undefined : checkFilePath(text, spec, host),
  logfile_path: (text, spec, host) =>
    text === "syslog" ? undefined : checkFilePath(text, spec, host),
  name_list: (text) => {
    const names = splitList(text);
    return unless(names.length > 0 && names.every(isName), "a comma-separated list of programs");
  },
  object_reference: (text) =>
    unless(OBJECT_REFERENCE.test(text), "a Python object, package.module:name"),
  octal: checkOctal,
  path: checkPath,
  pidfile_path: (text, spec, host) =>
    text.startsWith("/dev/")
      ? { expected: "a file of its own", hint: "supervisord deletes it when it exits" }
      : checkFilePath(text, spec, host),
  process_name: (text) =>
    unless(isName(text) && !text.includes("/"), "a name without blank, : or /"),
  signal: checkSignal,
  socket_url: checkSocketUrl,
  text: () => undefined,
  url: (text) =>
    unless(/^(?:https?|unix):\/\/./.test(text), "a URL: http://host:port or unix:///path"),
  user: checkUser,
  user_and_group: checkUserAndGroup,
};
