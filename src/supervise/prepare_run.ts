/**
 * Everything a managed run needs before supervisord is spawned: files, environment, limits.
 *
 * Permissions: `--allow-read` and `--allow-write` of the run directory and of the configuration's path.
 *
 * @module
 */
import type { OrderFailure } from "../policy/order_failure.ts";
import type { Configuration, Environment } from "../configuration/configuration.ts";
import { ConfigurationError } from "../formats/configuration_error.ts";
import { mayReadProc } from "../host/ask_permission.ts";
import { toAbsolute } from "../host/absolute_path.ts";
import { findUid, findUser, type UserNumbers } from "../host/host_facts.ts";
import { createInstanceMarker, type InstanceMarker } from "../processes/instance_marker.ts";
import { DEFAULT_ENGINE_NAME } from "../configuration/engine_name.ts";
import { parseProgramHeader } from "../formats/section_header.ts";
import { mayOpenLibc } from "../linux/libc.ts";
import type { Logger } from "../log/logger.ts";
import { type OutputPlan, type OutputTarget, planOutput } from "../output/plan_output.ts";
import { findDirectory, isStreamPath } from "../formats/paths.ts";
import type { Policy } from "../policy/policy.ts";
import { planStreams } from "../output/engine_streams.ts";
import { quoteCommand } from "../formats/quote_command.ts";
import { parseOpenFiles, readGivenOpenFiles } from "../linux/open_files.ts";
import { writePrivateFile } from "../host/private_file.ts";
import { type ConfigDocument, type ConfigSection, renderDocument } from "../formats/render.ts";
import type { RpcAddress } from "../supervisord/rpc_client.ts";
import {
  lacksTemporaryDirectory,
  makeRunDirectory,
  removeRunDirectory,
  type RunDirectory,
} from "../supervisord/run_directory.ts";
import { expandWithEnvironment } from "../document/section_reader.ts";
import { findProcessNames, findShutdownGraceMs } from "../document/programs.ts";
import { findManagedHeaders, readPolicies } from "../document/engine_limits.ts";
import { buildDocument, type MachineLimits } from "../document/build_document.ts";
import {
  type IncludedFile,
  listIncludePatterns,
  mergeIncluded,
  overlayDocument,
} from "../document/included.ts";
import { parseIni } from "../formats/parse_ini.ts";
import { findFiles } from "../host/find_files.ts";
import { writeUserFile } from "./user_file.ts";
import { hasOtherWriters, manageDocument } from "../document/manage_document.ts";
import { findOwnStreams } from "../output/own_streams.ts";
import { readStopOrders, type StopOrder } from "../document/stop_orders.ts";

/** A run that is ready to be spawned. */
export interface PreparedRun {
  readonly directory: RunDirectory;
  /** supervisord's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly address: RpcAddress;
  /** supervisord's log where it is a file. */
  readonly log: { readonly path: string; readonly directory: string } | undefined;
  /** How supervisord reaches our output. */
  readonly output: OutputPlan;
  /** Whether Python has no directory for temporary files, so that supervisord must be given one. */
  readonly lacksTemporary: boolean;
  /** Whether supervisord changes to another user. */
  readonly changesUser: boolean;
  /** The programs that run as another user than this process, by their names. */
  readonly foreignPrograms: readonly string[];
  readonly policy: Policy;
  /** `group:process` each. */
  readonly engineNames: ReadonlySet<string>;
  /** How every process wants to be stopped, by `group:process`. */
  readonly stopOrders: ReadonlyMap<string, StopOrder>;
  /** The variable that everything this instance starts inherits. */
  readonly marker: InstanceMarker;
  /** Why the engine's command cannot be started, where supervisord does not see it. */
  readonly findProblem: () => OrderFailure | undefined;
  /** Removes every file that nobody asked to keep. */
  readonly remove: () => void;
}

/**
 * Writes the files of a run and works out what else it needs.
 *
 * @throws {NoRunDirectory} If there is no place for its files.
 * @throws {ConfigurationError} If the configuration cannot be written where the user wants it, or an
 * argument cannot be carried.
 */
export function prepareRun(
  configuration: Configuration,
  argv: readonly string[],
  env: Environment,
  target: OutputTarget,
  readsStdin: boolean,
  log: Logger,
): PreparedRun {
  const { engineName, settings } = configuration;
  const userPath = toAbsolute(settings.configPath);
  const userDirectory = findDirectory(userPath);
  const directory = makeRunDirectory(env, [userDirectory, Deno.cwd()]);
  let output: OutputPlan | undefined;
  try {
    const built = buildDocument(configuration, argv, directory, readMachineLimits());
    const hostName = Deno.hostname(); // As Python's platform.node().
    const here = userDirectory;
    const patterns = listIncludePatterns(built.document, { here, env, hostName });
    const included = readIncluded(patterns, log);
    const wanted = mergeIncluded(built.document, here, included);
    checkCriticalPrograms(settings.criticalPrograms, wanted, engineName);
    const user = findOtherUser(wanted, env);
    const engineHeader = `program:${engineName}`;
    output = planOutput(target, {
      user,
      keepsTail: settings.logEvidence,
      hasOthers: hasOtherWriters(wanted, engineHeader),
    });
    const none: ConfigSection = new Map();
    const [engine, main] = [wanted.get(engineHeader) ?? none, wanted.get("supervisord") ?? none];
    // Without FFI the end of its pipes is what tells supervisord at once that the engine is dead.
    const hasOwn = output.enginePipes !== undefined && mayOpenLibc();
    const own = hasOwn ? findOwnStreams(engine, main) : {};
    const paths = output.engine;
    const engineNames = findProcessNames(wanted, engineName, env, hostName);
    // Of several processes each would need a gate of its own; another user's could not reach it.
    const mayHold = mayOpenLibc() && engineNames.size === 1 && user === undefined &&
      !engine.has("user");
    const streams = planStreams({
      ...{ argv, env },
      sections: [engine, main],
      mayRead: readsStdin && user === undefined && !engine.has("user"),
      stdout: own.stdout && paths[own.stdout],
      stderr: own.stderr && paths[own.stderr],
      gate: mayHold ? directory.gate : undefined,
    });
    log.debug(`the engine has ${streams.text}`);
    const command = quoteCommand([...streams.wrapper, ...argv]);
    const headers = findManagedHeaders(wanted, engineName, settings.criticalPrograms);
    const managed = manageDocument(built.document, configuration.sections, [...headers.values()], {
      engine: engineHeader,
      command: command.command,
      here,
      includes: built.document.has("include") ? { patterns, merged: wanted } : undefined,
      overlay: directory.overlay,
      logfile: directory.logfile,
      output,
      keepsLoglevel: configuration.sections.get("supervisord")?.has("loglevel") ?? false,
    });
    writePrivateFile(directory.config, renderDocument(managed.document));
    if (managed.overlay !== undefined) {
      writePrivateFile(directory.overlay, renderDocument(managed.overlay));
    }
    if (user !== undefined) giveAway(directory, user.uid);
    const removeUserFile = writeUserFile({
      path: userPath,
      text: renderDocument(built.document),
      isNamed: configuration.settingOrigins.has("configPath"),
      ownPath: directory.config,
    }, log);
    const run = overlayDocument(
      mergeIncluded(managed.document, here, included),
      managed.overlay ?? managed.document,
    );
    const marker = createInstanceMarker();
    return {
      directory,
      env: { ...env, ...Object.fromEntries(command.environment), ...marker.env },
      address: findAddress(run, env),
      log: findLog(run, env),
      output,
      lacksTemporary: lacksTemporaryDirectory(directory, env),
      changesUser: user !== undefined,
      foreignPrograms: findForeignPrograms(wanted, env, user),
      policy: {
        programs: readPolicies(
          ...[wanted, engineName, settings, env, hostName] as const,
          mayHold && streams.wrapper.length > 0,
        ),
        shutdownGraceMs: findShutdownGraceMs(wanted, env),
      },
      engineNames,
      stopOrders: readStopOrders(run, env, hostName),
      marker,
      findProblem: streams.findProblem,
      remove: () => {
        removeUserFile();
        const problem = removeRunDirectory(directory);
        if (problem !== undefined) log.warn(`Cannot remove ${directory.path}: ${problem}`);
      },
    };
  } catch (error) {
    output?.close();
    removeRunDirectory(directory);
    throw error;
  }
}

/** Where files are included, only they tell which programs there are. */
function checkCriticalPrograms(
  names: readonly string[],
  document: ConfigDocument,
  engineName: string,
): void {
  const programs = new Set([...document.keys()].map((header) => parseProgramHeader(header)?.name));
  const isEngine = (name: string) => [engineName, DEFAULT_ENGINE_NAME, "app"].includes(name);
  const unknown = names.find((name) => !programs.has(name) && !isEngine(name));
  if (unknown === undefined) return;
  throw new ConfigurationError([{
    variable: "PROCESS_CRITICAL_PROGRAMS",
    value: names.join(","),
    expected: "a comma-separated list of programs",
    hint: `there is no program ${unknown}, not in the included files either`,
  }]);
}

/** The user that supervisord changes to; `undefined` where it stays who it is. */
function findOtherUser(document: ConfigDocument, env: Environment): UserNumbers | undefined {
  const name = expandWithEnvironment(document.get("supervisord")?.get("user") ?? "", env);
  const user = name === "" ? undefined : findUser(name);
  return Deno.uid() === 0 && user?.uid !== 0 ? user : undefined;
}

function findForeignPrograms(
  document: ConfigDocument,
  env: Environment,
  user: UserNumbers | undefined,
): string[] {
  return [...document].flatMap(([header, section]) => {
    const program = parseProgramHeader(header)?.name;
    if (program === undefined) return [];
    const name = expandWithEnvironment(section.get("user") ?? "", env);
    const uid = name === "" ? user?.uid : findUid(name);
    return uid === undefined || uid === Deno.uid() ? [] : [program];
  });
}

/** Another user has to read and write the run directory. */
function giveAway(directory: RunDirectory, uid: number): void {
  for (const { name } of Deno.readDirSync(directory.path)) {
    Deno.chownSync(`${directory.path}/${name}`, uid, null);
  }
  Deno.chownSync(directory.path, uid, null);
}

/** supervisord says itself what it cannot read; here it is only to be known what the files say. */
function readIncluded(patterns: readonly string[], log: Logger): IncludedFile[] {
  return patterns.flatMap((pattern) => {
    const paths = findFiles(pattern);
    if (paths.length === 0) log.warn(`No file matches ${pattern} of [include]`);
    return paths.flatMap((path) => {
      let text: string;
      try {
        text = Deno.readTextFileSync(path);
      } catch {
        return [];
      }
      const parsed = parseIni(text);
      return "failure" in parsed
        ? []
        : [{ directory: findDirectory(path), sections: parsed.sections }];
    });
  });
}

function findAddress(document: ConfigDocument, env: Environment): RpcAddress {
  const section = document.get("unix_http_server");
  const read = (key: string): string => expandWithEnvironment(section?.get(key) ?? "", env);
  const username = read("username");
  return {
    socketPath: toAbsolute(read("file")),
    credentials: username === "" ? undefined : { username, password: read("password") },
  };
}

function findLog(document: ConfigDocument, env: Environment): PreparedRun["log"] {
  const logfile = expandWithEnvironment(document.get("supervisord")?.get("logfile") ?? "", env);
  if (logfile === "syslog" || isStreamPath(logfile)) return undefined;
  const path = toAbsolute(logfile);
  return { path, directory: findDirectory(path) };
}

function readMachineLimits(): MachineLimits | undefined {
  if (!mayReadProc()) return undefined;
  try {
    const text = Deno.readTextFileSync("/proc/self/limits");
    const processes = /^Max processes\s+\S+\s+(\d+)/m.exec(text)?.[1];
    return {
      // supervisord would raise the soft limit, too, to its `minfds`; the engine gets what we were given.
      openFiles: readGivenOpenFiles() ?? parseOpenFiles(text)?.soft ?? Infinity,
      processes: processes === undefined ? Infinity : Number(processes),
    };
  } catch {
    return undefined;
  }
}
