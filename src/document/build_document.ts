/**
 * From a configuration and a command to supervisord's sections.
 *
 * @module
 */
import type { Configuration } from "../configuration/configuration.ts";
import { isStreamPath } from "../formats/paths.ts";
import { quoteCommand } from "../formats/quote_command.ts";
import type { Settings } from "../configuration/settings.ts";
import { parseProgramHeader } from "../formats/section_header.ts";
import type { ConfigDocument, ConfigSection } from "../formats/render.ts";
import { isTrue } from "../formats/boolean.ts";

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
  /** The limit of open files that programs shall have, or the hard one. */
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
 * The container's stdout and stderr, as the Python original writes them. A managed run has others in
 * their place: `supervisorctl clear` unlinks a log file's path, which takes `/dev/stdout` from the whole
 * container.
 */
const STDOUT = "/dev/stdout";
const STDERR = "/dev/stderr";

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
        ...(isStreamPath(logfile)
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
  const program = parseProgramHeader(name);
  if (program === undefined) return {};
  return program.kind === "eventlistener" ? listenerDefaults(said) : programDefaults(said);
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
  const rotation: Values = isStreamPath(logfile) ? { [`${stream}_logfile_maxbytes`]: "0" } : {};
  return { [`${stream}_logfile`]: logfile, ...rotation };
}

/** supervisord's defaults of `minfds` and `minprocs`. */
const MINIMUM = { openFiles: 1024, processes: 200 };

function loweredMinima(limits: MachineLimits): Values {
  return {
    ...(limits.openFiles < MINIMUM.openFiles ? { minfds: String(limits.openFiles) } : {}),
    ...(limits.processes < MINIMUM.processes ? { minprocs: String(limits.processes) } : {}),
  };
}
