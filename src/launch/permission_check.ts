/**
 * Asks for every permission before anything starts, so that a missing one is told with its cause, in one
 * line, and not by what goes wrong half an hour later.
 *
 * @module
 */
import type { Configuration, Environment } from "../configuration/configuration.ts";
import { parseConfiguration } from "../document/parse_configuration.ts";
import { expandWithEnvironment } from "../document/section_reader.ts";
import { findDirectory, isStreamPath } from "../formats/paths.ts";
import { toAbsolute } from "../host/absolute_path.ts";
import { askPermission, isGranted, mayReadAndWrite, mayReadProc } from "../host/ask_permission.ts";
import { DEFAULT_PATH } from "../host/command_lookup.ts";
import { listLibcPaths } from "../linux/libc.ts";
import { findNetHost } from "../host/net_need.ts";
import { ENVIRONMENT_NEED, findNeeds } from "./permission_needs.ts";
import { describeMissing, PermissionsMissing } from "../host/permissions.ts";
import type { Logger } from "../log/logger.ts";
import { findGivenUrl } from "../configuration/health_choice.ts";
import { listRunPlaces } from "../supervisord/run_directory.ts";

/** What is to be run. */
export interface PermissionCheck {
  /** What the environment asks for. */
  readonly configuration: Configuration;
  /** The command and its arguments. */
  readonly argv: readonly string[];
  /** The environment. */
  readonly env: Environment;
  /** Whether the environment is still to be read, and so is not known. */
  readonly readsEnvironment?: boolean | undefined;
  /** Takes what is lost where a permission is missing that one can do without. */
  readonly log: Logger;
}

/**
 * Asks Deno for all that a run needs; nobody is prompted.
 *
 * @throws {PermissionsMissing} If the run cannot do without what is missing; the message is one line that
 * names each flag, what it is for, and its narrowest value.
 */
export function checkPermissions(check: PermissionCheck): void {
  if (isEverythingGranted()) return;
  const { configuration, argv, env, log } = check;
  const { settings, sections } = configuration;
  const isSupervised = settings.autoRecovery;
  const read = (section: string, key: string): string =>
    expandWithEnvironment(sections.get(section)?.get(key) ?? "", env);
  const socket = read("unix_http_server", "file");
  const logfile = read("supervisord", "logfile");
  const isLogRead = isSupervised && logfile !== "" && logfile !== "syslog" &&
    !isStreamPath(logfile);
  const isConfigNamed = isSupervised && configuration.settingOrigins.has("configPath");
  const installsModel = settings.autoInstall && settings.pipArgs.length === 0;
  const programs = [
    argv[0] ?? "",
    ...(isSupervised ? [settings.supervisordPath || "supervisord"] : []),
    ...settings.healthCommand.slice(0, 1),
    ...settings.canaryCommand.slice(0, 1),
    ...settings.onEvent.slice(0, 1),
  ];
  const givenUrl = findGivenUrl(settings);
  const { refusal, warning } = describeMissing(
    findNeeds({
      isSupervised,
      readsEnvironment: check.readsEnvironment ?? false,
      place: findPlace(env),
      searched: [...new Set(programs.flatMap((program) => listSearched(program, env.PATH)))],
      read: [
        ...(installsModel ? [settings.modelPath] : []),
        ...(isLogRead ? [findDirectory(logfile)] : []),
      ],
      written: [
        ...(isConfigNamed ? [findDirectory(settings.configPath)] : []),
        ...(settings.evidenceDir === "" ? [] : [toAbsolute(settings.evidenceDir)]),
      ],
      socket: isSupervised && socket !== "" ? toAbsolute(socket) : undefined,
      healthHost: givenUrl === undefined ? undefined : findNetHost(givenUrl),
      statusAddress: settings.statusPort === 0
        ? undefined
        : `${settings.statusHost.replace(/^.*:.*$/, "[$&]")}:${settings.statusPort}`,
      command: argv[0] ?? "",
      installs: settings.autoInstall &&
        (settings.pipArgs.length > 0 || mayHaveRequirements(settings.modelPath)),
      isInit: Deno.pid === 1,
      hasFfi: listLibcPaths(Deno.build.arch).some((path) => isGranted({ name: "ffi", path })),
      denoVersion: Deno.version.deno,
      arch: Deno.build.arch,
    }),
    askPermission,
  );
  if (refusal !== undefined) throw new PermissionsMissing(refusal);
  if (warning !== undefined) log.warn(warning);
}

/** As with `-A` alone; then there is nothing to look for. */
function isEverythingGranted(): boolean {
  const names = ["read", "write", "net", "env", "run", "sys", "ffi"] as const;
  return names.every((name) => isGranted({ name })) && mayReadProc();
}

/** A program that is refused hears of it by the error. */
const SILENT: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  critical: () => {},
};

/**
 * Says what is missing where not even the environment may be read, as if no variable were set.
 *
 * @throws {PermissionsMissing} Always.
 */
export function refuseWithoutEnvironment(argv?: readonly string[], log?: Logger): never {
  if (argv !== undefined) {
    const configuration = parseConfiguration({});
    checkPermissions({ configuration, argv, env: {}, readsEnvironment: true, log: log ?? SILENT });
  }
  throw new PermissionsMissing(describeMissing([ENVIRONMENT_NEED], askPermission).refusal);
}

/** The first place that is permitted, else the one that comes first. */
function findPlace(env: Environment): string {
  const places = listRunPlaces(env);
  return places.find(mayReadAndWrite) ?? places[0] ?? "/tmp";
}

/** Where a program is looked for. */
function listSearched(program: string, path: string | undefined): string[] {
  if (program.includes("/")) return [toAbsolute(program)];
  return (path ?? DEFAULT_PATH).split(":").map((directory) => toAbsolute(directory || "."));
}

/** What cannot be looked at is refused anyway. */
function mayHaveRequirements(modelPath: string): boolean {
  const path = `${modelPath}/requirements.txt`;
  if (!isGranted({ name: "read", path })) return false;
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
