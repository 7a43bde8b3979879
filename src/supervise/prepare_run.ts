/**
 * Everything a managed run needs before supervisord is spawned: files, environment, limits.
 *
 * Permissions: `--allow-read` and `--allow-write` of the run directory and of the configuration's path.
 *
 * @module
 */
import type { Configuration, Environment } from "../configuration/configuration.ts";
import { ConfigurationError } from "../formats/configuration_error.ts";
import { findUid } from "../host/host_facts.ts";
import { createInstanceMarker } from "../processes/instance_marker.ts";
import type { Logger } from "../log/logger.ts";
import { type OutputPlan, type OutputTarget, planOutput } from "../supervisord/output.ts";
import { findDirectory, isStreamPath } from "../formats/paths.ts";
import type { Policy } from "../policy/policy.ts";
import { planStdin } from "./engine_stdin.ts";
import { quoteCommand } from "../formats/quote_command.ts";
import type { OrderFailure } from "../supervisord/supervisord_process.ts";
import { readProcess } from "../processes/process_table.ts";
import { parseOpenFiles, readGivenOpenFiles } from "../host/open_files.ts";
import { writePrivateFile } from "../host/private_file.ts";
import { type ConfigDocument, renderDocument } from "../formats/render.ts";
import type { RpcAddress } from "../supervisord/rpc_client.ts";
import {
  makeRunDirectory,
  removeRunDirectory,
  type RunDirectory,
} from "../supervisord/run_directory.ts";

import { errorText } from "../log/error_text.ts";
import { expandWithEnvironment } from "../document/section_reader.ts";
import { findProcessNames, findShutdownGraceMs } from "../document/programs.ts";
import { readEnginePolicy } from "../document/engine_limits.ts";
import { buildDocument, type MachineLimits } from "../document/build_document.ts";
import { manageDocument } from "../document/manage_document.ts";
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
  /** Whether supervisord changes to another user. */
  readonly changesUser: boolean;
  readonly policy: Policy;
  /** `group:process` each. */
  readonly engineNames: ReadonlySet<string>;
  /** Those of further programs whose giving up ends the container. */
  readonly criticalNames: ReadonlySet<string>;
  /** How every process wants to be stopped, by `group:process`. */
  readonly stopOrders: ReadonlyMap<string, StopOrder>;
  /** `NAME=value`, in the environment of everything this instance starts. */
  readonly instanceMarker: string;
  /** Why the engine's command cannot be started, where supervisord does not see it. */
  readonly findProblem: () => OrderFailure | undefined;
  /** Removes every file that nobody asked to keep. */
  readonly remove: () => void;
}

/**
 * Writes the files of a run and works out what else it needs.
 *
 * @param configuration What the environment asks for.
 * @param argv The command and its arguments.
 * @param env The whole environment.
 * @param target Where the engine's output goes.
 * @param readsStdin Whether our stdin is the engine's to read.
 * @param log Takes what is to be said.
 * @returns The run.
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
  const userPath = resolvePath(settings.configPath);
  const userDirectory = findDirectory(userPath);
  const directory = makeRunDirectory(env, [userDirectory, Deno.cwd()]);
  try {
    const built = buildDocument(configuration, argv, directory, readMachineLimits());
    const uid = findOtherUid(built.document, env);
    const output = planOutput(uid, built.document.has("include"), target);
    const engine = built.document.get(`program:${engineName}`) ?? new Map<string, string>();
    const stdin = planStdin({
      ...{ argv, env },
      sections: [engine, built.document.get("supervisord") ?? new Map<string, string>()],
      mayRead: readsStdin && uid === undefined && !engine.has("user"),
    });
    log.debug(`the engine's stdin is ${stdin.text}`);
    const command = quoteCommand([...stdin.wrapper, ...argv]);
    const managed = manageDocument(built.document, engineName, {
      command: command.command,
      here: userDirectory,
      overlay: directory.overlay,
      logfile: directory.logfile,
      stdout: output.stdout,
      stderr: output.stderr,
      keepsLoglevel: configuration.sections.get("supervisord")?.has("loglevel") ?? false,
    });
    writePrivateFile(directory.config, renderDocument(managed.document));
    if (managed.overlay !== undefined) {
      writePrivateFile(directory.overlay, renderDocument(managed.overlay));
    }
    if (uid !== undefined) giveAway(directory, uid);
    const isNamed = configuration.settingOrigins.has("configPath");
    const text = renderOwner() + renderDocument(built.document);
    const removeUserFile = writeUserFile(userPath, text, isNamed, log);
    const hostName = Deno.hostname(); // As Python's platform.node().
    const marker = createInstanceMarker();
    return {
      directory,
      env: { ...env, ...Object.fromEntries(command.environment), ...marker.env },
      address: findAddress(managed.document, env),
      log: findLog(managed.document, env),
      output,
      changesUser: uid !== undefined,
      policy: {
        ...readEnginePolicy(built.document, engineName, settings, env),
        shutdownGraceMs: findShutdownGraceMs(built.document, env),
      },
      engineNames: findProcessNames(built.document, engineName, env, hostName),
      criticalNames: new Set(
        settings.criticalPrograms.flatMap((
          program,
        ) => [...findProcessNames(built.document, program, env, hostName)]),
      ),
      stopOrders: readStopOrders(built.document, env, hostName),
      instanceMarker: marker.assignment,
      findProblem: stdin.findProblem,
      remove: () => {
        removeUserFile();
        const problem = removeRunDirectory(directory);
        if (problem !== undefined) log.warn(`Cannot remove ${directory.path}: ${problem}`);
      },
    };
  } catch (error) {
    removeRunDirectory(directory);
    throw error;
  }
}

/** The user that supervisord changes to; `undefined` where it stays who it is. */
function findOtherUid(document: ConfigDocument, env: Environment): number | undefined {
  const user = expandWithEnvironment(document.get("supervisord")?.get("user") ?? "", env);
  const uid = user === "" ? undefined : findUid(user);
  return Deno.uid() === 0 && uid !== 0 ? uid : undefined;
}

/** Another user has to read and write the run directory. */
function giveAway(directory: RunDirectory, uid: number): void {
  for (const { name } of Deno.readDirSync(directory.path)) {
    Deno.chownSync(`${directory.path}/${name}`, uid, null);
  }
  Deno.chownSync(directory.path, uid, null);
}

function resolvePath(path: string): string {
  return path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
}

/**
 * Writes the file that the user may look at, and that `supervisorctl -c` takes. supervisord reads a
 * copy of its own, so that another instance which writes here too does no harm.
 */
function writeUserFile(path: string, text: string, isNamed: boolean, log: Logger): () => void {
  if (!isNamed && isSomebodyElses(path)) {
    log.debug(
      `${path} is somebody else's and was left alone; name another in SUPERVISOR_CONFIG_PATH`,
    );
    return () => {};
  }
  try {
    writePrivateFile(path, text);
  } catch (error) {
    const reason = errorText(error);
    if (isNamed) {
      throw new ConfigurationError([{
        variable: "SUPERVISOR_CONFIG_PATH",
        value: path,
        expected: "a path that can be written",
        hint: reason,
      }]);
    }
    log.debug(`Cannot write ${path}: ${reason}; name another path in SUPERVISOR_CONFIG_PATH`);
    return () => {};
  }
  if (isNamed) return () => {};
  const written = Deno.statSync(path).ino;
  return () => {
    try {
      if (Deno.statSync(path).ino === written) Deno.removeSync(path);
    } catch { /* Somebody else took it away. */ }
  };
}

/** A first line that tells a file which a killed instance left from one that is in use. */
function renderOwner(): string {
  return `; standard-supervisor pid ${Deno.pid} start ${
    readProcess(Deno.pid)?.startTicks ?? "unknown"
  }\n`;
}

const OWNER = /^; standard-supervisor pid (\d+) start (\d+|unknown)\n/;

function isSomebodyElses(path: string): boolean {
  try {
    if (!Deno.lstatSync(path).isFile) return true;
    const [, pid, startTicks] = OWNER.exec(Deno.readTextFileSync(path)) ?? [];
    return pid === undefined || readProcess(Number(pid))?.startTicks === startTicks;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

function findAddress(document: ConfigDocument, env: Environment): RpcAddress {
  const section = document.get("unix_http_server");
  const read = (key: string): string => expandWithEnvironment(section?.get(key) ?? "", env);
  const username = read("username");
  return {
    socketPath: resolvePath(read("file")),
    credentials: username === "" ? undefined : { username, password: read("password") },
  };
}

function findLog(document: ConfigDocument, env: Environment): PreparedRun["log"] {
  const logfile = expandWithEnvironment(document.get("supervisord")?.get("logfile") ?? "", env);
  if (logfile === "syslog" || isStreamPath(logfile)) return undefined;
  const path = resolvePath(logfile);
  return { path, directory: findDirectory(path) };
}

function readMachineLimits(): MachineLimits | undefined {
  try {
    const text = Deno.readTextFileSync("/proc/self/limits");
    const processes = /^Max processes\s+\S+\s+(\d+)/m.exec(text)?.[1];
    return {
      // supervisord would raise the soft limit, too, to its `minfds`; the engine gets what we were given.
      openFiles: readGivenOpenFiles() ?? parseOpenFiles(text)?.hard ?? Infinity,
      processes: processes === undefined ? Infinity : Number(processes),
    };
  } catch {
    return undefined;
  }
}
