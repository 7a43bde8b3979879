/**
 * From a configuration and a command to supervisord's sections.
 *
 * @module
 */
import type { Configuration } from "../configuration/configuration.ts";
import { findDirectory } from "../formats/paths.ts";
import { quoteCommand } from "../formats/quote_command.ts";
import type { Settings } from "../settings/settings.ts";
import { escapePercent } from "../formats/expansion.ts";
import type { ConfigDocument, ConfigSection } from "../formats/render.ts";

import { isTrue } from "../configuration/value_checks.ts";

/** Where supervisord keeps its own files. */
export interface SupervisordPaths {
  /** The unix socket of its RPC interface. */
  readonly socket: string;
  /** Its pid file. */
  readonly pidfile: string;
  /** Its own log. */
  readonly logfile: string;
}

/** Limits of this machine that supervisord must not ask past, or it refuses to start. */
export interface MachineLimits {
  /** The hard limit of open files. */
  readonly openFiles: number;
  /** The hard limit of processes. */
  readonly processes: number;
}

/** A whole configuration. */
export interface BuiltDocument {
  /** Sections of values. */
  readonly document: ConfigDocument;
  /** Variables that supervisord's environment must carry; mostly none. */
  readonly environment: ReadonlyMap<string, string>;
}

/**
 * The container's stdout and stderr. Not `/dev/stdout`: `supervisorctl clear` unlinks a log file's
 * path, which would take that from the whole container, while this one cannot be unlinked.
 */
const STDOUT = "/dev/fd/1";
const STDERR = "/dev/fd/2";

/** How long an engine may drain, s. */
const STOP_WAIT_SECS = "30";

/** Where a file that runs under plain supervisord keeps its files: beside the original's pid file. */
export function plainPaths(engineName: string): SupervisordPaths {
  return {
    socket: `/tmp/supervisord-${engineName}.sock`,
    pidfile: `/tmp/supervisord-${engineName}.pid`,
    logfile: "/dev/null",
  };
}

/**
 * Builds supervisord's sections: defaults fit for a container, what the environment says on top.
 *
 * @param configuration What the environment asks for.
 * @param argv The command and its arguments.
 * @param paths Where supervisord keeps its files unless the environment says.
 * @param limits This machine's limits, where they are known.
 * @returns The sections, and variables that supervisord's own environment must carry.
 * @throws {ConfigurationError} If an argument cannot be carried to a program.
 */
export function buildDocument(
  configuration: Configuration,
  argv: readonly string[],
  paths: SupervisordPaths,
  limits?: MachineLimits,
): BuiltDocument {
  const { settings, sections, engineName } = configuration;
  const quoted = quoteCommand(argv);
  const engine = `program:${engineName}`;
  const names = new Set([
    "supervisord",
    "unix_http_server",
    "rpcinterface:supervisor",
    "supervisorctl",
    engine,
    ...sections.keys(),
  ]);
  const document = new Map<string, ConfigSection>();
  for (const name of names) {
    const said = sections.get(name) ?? new Map<string, string>();
    const defaults = name === engine
      ? { ...engineDefaults(settings), ...programDefaults(said) }
      : sectionDefaults(name, said, document, configuration, paths, limits);
    const section = new Map([...Object.entries(defaults), ...said]);
    if (name === engine) section.set("command", quoted.command);
    document.set(name, section);
  }
  return { document, environment: quoted.environment };
}

type Values = Record<string, string>;

function sectionDefaults(
  name: string,
  said: ConfigSection,
  document: ConfigDocument,
  { settings }: Configuration,
  paths: SupervisordPaths,
  limits: MachineLimits | undefined,
): Values {
  switch (name) {
    case "supervisord": {
      const logfile = said.get("logfile") ?? paths.logfile;
      return {
        nodaemon: "true",
        loglevel: settings.logLevel,
        logfile,
        ...(isDevice(logfile)
          ? { logfile_maxbytes: "0" }
          : { logfile_maxbytes: "1MB", logfile_backups: "1" }),
        pidfile: paths.pidfile,
        ...(limits === undefined ? {} : loweredMinima(limits)),
      };
    }
    case "unix_http_server":
      return { file: paths.socket, chmod: "0700" };
    case "rpcinterface:supervisor":
      return {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface",
      };
    case "supervisorctl": {
      // supervisorctl has to find the server wherever the environment put it.
      const server = document.get("unix_http_server") ?? new Map<string, string>();
      const login = ["username", "password"].flatMap((key) => {
        const value = server.get(key);
        return value === undefined ? [] : [[key, value]];
      });
      return { serverurl: `unix://${server.get("file")}`, ...Object.fromEntries(login) };
    }
  }
  if (name.startsWith("program:") || name.startsWith("fcgi-program:")) {
    return programDefaults(said);
  }
  return name.startsWith("eventlistener:") ? listenerDefaults(said) : {};
}

function engineDefaults({ autoRecovery, maxStartRetries }: Settings): Values {
  return {
    // Keeps the command first in the file; its text is set last, whatever else is said.
    command: "",
    autostart: "true",
    autorestart: String(autoRecovery),
    startsecs: "1",
    startretries: String(maxStartRetries),
    exitcodes: "255",
    stopwaitsecs: STOP_WAIT_SECS,
  };
}

/** A container's programs speak on its stdout and stderr, and stop with all that they started. */
function programDefaults(said: ConfigSection): Values {
  const redirects = isTrue(said.get("redirect_stderr") ?? "");
  return {
    stopsignal: "TERM",
    stopasgroup: "true",
    killasgroup: "true",
    ...logDefaults("stdout", STDOUT, said),
    ...(redirects ? {} : logDefaults("stderr", STDERR, said)),
  };
}

/** A listener's stdout is its half of a protocol, for nobody to read. */
function listenerDefaults(said: ConfigSection): Values {
  return {
    stopasgroup: "true",
    killasgroup: "true",
    stdout_logfile: "NONE",
    ...logDefaults("stderr", STDERR, said),
  };
}

/** What cannot be sought in must not be rotated, or every chunk is an error. */
function logDefaults(stream: "stdout" | "stderr", target: string, said: ConfigSection): Values {
  const logfile = said.get(`${stream}_logfile`) ?? target;
  const rotation: Values = isDevice(logfile) ? { [`${stream}_logfile_maxbytes`]: "0" } : {};
  return { [`${stream}_logfile`]: logfile, ...rotation };
}

function isDevice(path: string): boolean {
  return /^\/(dev|proc)\//.test(path);
}

/** supervisord's defaults of `minfds` and `minprocs`. */
const MINIMUM = { openFiles: 1024, processes: 200 };

function loweredMinima(limits: MachineLimits): Values {
  return {
    ...(limits.openFiles < MINIMUM.openFiles ? { minfds: String(limits.openFiles) } : {}),
    ...(limits.processes < MINIMUM.processes ? { minprocs: String(limits.processes) } : {}),
  };
}

/** A program's own stdout or stderr, as a path. */
const OUTPUT = /^\/(dev|proc\/self)\/((?<stdout>stdout|fd\/1)|(?<stderr>stderr|fd\/2))$/;

/** What a managed run writes. */
export interface ManagedDocument {
  /** The file that supervisord reads. */
  readonly document: ConfigDocument;
  /** What must have the last word over files that the user includes; absent where there are none. */
  readonly overlay: ConfigDocument | undefined;
}

/** Where a managed run's files lie. */
export interface ManagedPaths {
  /** What `%(here)s` and relative paths of `[include]` mean: where the user's file lies. */
  readonly here: string;
  /** Where the overlay is written. */
  readonly overlay: string;
  /** The log that nobody asked for but us. */
  readonly logfile: string;
  /** What supervisord opens to reach our stdout and our stderr. */
  readonly stdout: string;
  readonly stderr: string;
  /** Whether the user chose supervisord's log level; at `debug` it logs all output a second time. */
  readonly keepsLoglevel: boolean;
}

/**
 * Turns what the user asked for into what a managed run needs: the engine's restarts are the
 * policy's, so supervisord must neither restart it nor judge whether it started; and supervisord's
 * own log, a hint for us that needs lines of level info, is quiet on the container's output.
 *
 * @param document What {@linkcode buildDocument} built.
 * @param engineName The engine's program name.
 * @param paths Where the files lie.
 * @returns The sections for the private files that supervisord reads.
 */
export function manageDocument(
  document: ConfigDocument,
  engineName: string,
  paths: ManagedPaths,
): ManagedDocument {
  const engine = `program:${engineName}`;
  const engineOverlay: Values = { autorestart: "false", startretries: "0", startsecs: "0" };
  const managed = new Map<string, Map<string, string>>();
  const placeOutput = (key: string, value: string): string => {
    const descriptor = key.endsWith("logfile") ? OUTPUT.exec(value)?.groups : undefined;
    if (descriptor === undefined) return value;
    return descriptor.stdout === undefined ? paths.stderr : paths.stdout;
  };
  for (const [name, section] of document) {
    managed.set(
      name,
      new Map(
        [...section].map(([key, value]) => [key, placeHere(placeOutput(key, value), paths.here)]),
      ),
    );
  }
  const set = (name: string, values: Values) => {
    for (const [key, value] of Object.entries(values)) managed.get(name)?.set(key, value);
  };
  set(engine, engineOverlay);
  set("supervisord", { silent: "true", nodaemon: "true" });
  if (!document.get("supervisord")?.has("childlogdir")) {
    // Else it is TMPDIR, expanded, which may hold a percent sign.
    set("supervisord", { childlogdir: findDirectory(paths.overlay) });
  }
  if (document.get("supervisord")?.get("logfile") === paths.logfile && !paths.keepsLoglevel) {
    set("supervisord", { loglevel: "info" });
  }
  const patterns = managed.get("include")?.get("files");
  if (patterns === undefined) return { document: managed, overlay: undefined };
  const files = patterns.split(/\s+/).filter((pattern) => pattern !== "")
    .map((pattern) =>
      pattern.startsWith("/") ? pattern : `${escapePercent(paths.here)}/${pattern}`
    );
  set("include", { files: [...files, escapePercent(paths.overlay)].join(" ") });
  return {
    document: managed,
    overlay: new Map([
      // Whatever an included file says, we must be able to ask and to decide.
      ["supervisord", managed.get("supervisord") ?? new Map()],
      ["unix_http_server", managed.get("unix_http_server") ?? new Map()],
      [engine, new Map(Object.entries(engineOverlay))],
    ]),
  };
}

/** Writes out `%(here)s`, since supervisord reads a copy that lies elsewhere than the user's file. */
function placeHere(value: string, here: string): string {
  return value.replace(
    /%(?:%|\(here\)s)/g,
    (found) => found === "%%" ? found : escapePercent(here),
  );
}
