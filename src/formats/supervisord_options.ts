/**
 * Every section and option of supervisord's configuration file, as data: types, defaults and what
 * `%(name)s` may stand for. From the sources of 4.2.5 and 4.3.0 (`supervisor/options.py`), which
 * read the same options.
 *
 * @module
 */

/** What an option's value is read as; see `checkOptionValue` for what each accepts. */
export type OptionType =
  | "autorestart"
  | "boolean"
  | "byte_size"
  | "command"
  | "environment_list"
  | "event_list"
  | "exit_codes"
  | "existing_directory"
  | "file_globs"
  | "inet_address"
  | "integer"
  | "log_level"
  | "logfile_name"
  | "logfile_path"
  | "name_list"
  | "object_reference"
  | "octal"
  | "path"
  | "pidfile_path"
  | "process_name"
  | "signal"
  | "socket_url"
  | "text"
  | "url"
  | "user"
  | "user_and_group";

/**
 * Which names `%(name)s` knows, beside `ENV_*`, which every option knows: `environment` none,
 * `here` the file's directory, `host` that and host_node_name, `program` these two with
 * program_name and group_name, `process` all of these with process_num, numprocs and the `ENV_*` of
 * the section's own `environment`; `socket` here and program_name.
 */
export type NameScope = "environment" | "here" | "host" | "socket" | "program" | "process";

/** One option of a section. */
export interface OptionSpec {
  /** What its value is read as. */
  readonly type: OptionType;
  /** Which names its value may expand. */
  readonly names: NameScope;
  /** What supervisord takes where it is not set; missing where there is none. */
  readonly default?: string;
  /** The least number that makes sense, for integers and byte sizes. */
  readonly min?: number;
  /** The greatest number that makes sense. */
  readonly max?: number;
  /** Whether supervisord refuses the section, or the program cannot start, without it. */
  readonly required?: true;
  /** Whether supervisord expands it twice, so that a literal percent sign is `%%%%`. */
  readonly expandedTwice?: true;
}

/** One kind of section. */
export interface SectionSpec {
  /** Whether the header carries a name: `[program:web]`. */
  readonly named: boolean;
  /** Whether keys beyond the table are handed to a plugin as they are. */
  readonly freeKeys: boolean;
  /** Its options by name. */
  readonly options: ReadonlyMap<string, OptionSpec>;
}

type Options = Record<string, OptionSpec>;

/** Counts and seconds: the greatest number that fits everywhere supervisord hands it on. */
const MANY = 0x7fffffff;
/** Log backups and processes: supervisord loops over them, so a slip of the keyboard would hang it. */
const LOOPED = 10_000;

const HERE = { names: "here" } as const;
const ENV = { names: "environment" } as const;
const PROGRAM = { names: "program" } as const;
const PROCESS = { names: "process" } as const;

const SIZE = { type: "byte_size", min: 0 } as const;
const COUNT = { type: "integer", min: 0, max: MANY } as const;
const BACKUPS = { type: "integer", min: 0, max: LOOPED, default: "10" } as const;
const OFF = { type: "boolean", default: "false" } as const;
const PRIORITY = { type: "integer", min: -MANY, max: MANY } as const;

const CREDENTIALS: Options = {
  username: { type: "text", ...ENV },
  password: { type: "text", ...ENV },
};

/** The log options of one stream; `stdout` and `stderr` have the same. */
function streamOptions(stream: "stdout" | "stderr"): Options {
  return {
    [`${stream}_logfile`]: {
      type: "logfile_name",
      ...PROCESS,
      default: "AUTO",
      expandedTwice: true,
    },
    [`${stream}_logfile_maxbytes`]: { ...SIZE, ...PROCESS, default: "50MB" },
    [`${stream}_logfile_backups`]: { ...BACKUPS, ...PROCESS },
    [`${stream}_capture_maxbytes`]: { ...SIZE, ...PROGRAM, default: "0" },
    [`${stream}_events_enabled`]: { ...OFF, ...PROGRAM },
    [`${stream}_syslog`]: { ...OFF, ...PROCESS },
  };
}

const PROGRAM_OPTIONS: Options = {
  command: { type: "command", ...PROCESS, required: true },
  process_name: { type: "process_name", ...PROCESS, default: "%(program_name)s" },
  numprocs: { type: "integer", ...PROGRAM, min: 1, max: LOOPED, default: "1" },
  numprocs_start: { ...COUNT, ...PROGRAM, default: "0" },
  // Read a first time for the group, before the program's names are known.
  priority: { ...PRIORITY, ...HERE, default: "999" },
  autostart: { type: "boolean", ...PROGRAM, default: "true" },
  autorestart: { type: "autorestart", ...PROGRAM, default: "unexpected" },
  startsecs: { ...COUNT, ...PROGRAM, default: "1" },
  startretries: { ...COUNT, ...PROGRAM, default: "3" },
  exitcodes: { type: "exit_codes", ...PROGRAM, default: "0" },
  stopsignal: { type: "signal", ...PROGRAM, default: "TERM" },
  stopwaitsecs: { ...COUNT, ...PROGRAM, default: "10" },
  stopasgroup: { ...OFF, ...PROGRAM },
  killasgroup: { ...OFF, ...PROGRAM },
  user: { type: "user", ...PROGRAM },
  umask: { type: "octal", ...PROGRAM, max: 0o777 },
  directory: { type: "path", ...PROCESS },
  environment: { type: "environment_list", ...PROCESS, default: "" },
  serverurl: { type: "text", ...PROGRAM, default: "AUTO" },
  redirect_stderr: { ...OFF, ...PROGRAM },
  ...streamOptions("stdout"),
  ...streamOptions("stderr"),
};

function section(options: Options): SectionSpec {
  return { named: false, freeKeys: false, options: new Map(Object.entries(options)) };
}

function namedSection(options: Options): SectionSpec {
  return { ...section(options), named: true };
}

function pluginSection(factoryKey: string): SectionSpec {
  const factory = { type: "object_reference", ...ENV, required: true } as const;
  return { ...namedSection({ [factoryKey]: factory }), freeKeys: true };
}

/** How a plugin's own keys are read: text, handed on as it is. */
export const FREE_OPTION: OptionSpec = { type: "text", ...ENV };

/** Every kind of section supervisord reads, by the part of its header before the colon. */
export const SUPERVISORD_SECTIONS: ReadonlyMap<string, SectionSpec> = new Map(Object.entries({
  supervisord: section({
    minfds: { ...COUNT, ...HERE, default: "1024" },
    minprocs: { ...COUNT, ...HERE, default: "200" },
    directory: { type: "existing_directory", ...HERE },
    user: { type: "user", ...HERE },
    umask: { type: "octal", ...HERE, max: 0o777, default: "022" },
    logfile: { type: "logfile_path", ...HERE, default: "supervisord.log" },
    logfile_maxbytes: { ...SIZE, ...HERE, default: "50MB" },
    logfile_backups: { ...BACKUPS, ...HERE },
    loglevel: { type: "log_level", ...HERE, default: "info" },
    pidfile: { type: "pidfile_path", ...HERE, default: "supervisord.pid" },
    identifier: { type: "text", ...HERE, default: "supervisor" },
    nodaemon: { ...OFF, ...HERE },
    silent: { ...OFF, ...HERE },
    childlogdir: { type: "existing_directory", ...HERE },
    nocleanup: { ...OFF, ...HERE },
    strip_ansi: { ...OFF, ...HERE },
    environment: { type: "environment_list", ...HERE, default: "", expandedTwice: true },
  }),
  unix_http_server: section({
    file: { type: "path", ...HERE, required: true },
    chmod: { type: "octal", ...ENV, max: 0o7777, default: "0700" },
    chown: { type: "user_and_group", ...ENV },
    ...CREDENTIALS,
  }),
  inet_http_server: section({
    port: { type: "inet_address", ...ENV, required: true },
    ...CREDENTIALS,
  }),
  supervisorctl: section({
    serverurl: { type: "url", ...HERE, default: "http://localhost:9001" },
    ...CREDENTIALS,
    prompt: { type: "text", ...ENV, default: "supervisor" },
    history_file: { type: "path", ...HERE },
  }),
  include: section({
    files: { type: "file_globs", names: "host", required: true },
  }),
  program: namedSection(PROGRAM_OPTIONS),
  eventlistener: namedSection({
    ...PROGRAM_OPTIONS,
    priority: { ...PRIORITY, ...HERE, default: "-1" },
    // Read a first time for the pool, before the program's names are known.
    redirect_stderr: { ...OFF, ...HERE },
    events: { type: "event_list", ...HERE, required: true },
    buffer_size: { type: "integer", ...HERE, min: 1, max: MANY, default: "10" },
    result_handler: {
      type: "object_reference",
      ...HERE,
      default: "supervisor.dispatchers:default_handler",
    },
  }),
  "fcgi-program": namedSection({
    ...PROGRAM_OPTIONS,
    // Read a first time for the socket's owner, before the program's names are known.
    user: { type: "user", ...HERE },
    socket: { type: "socket_url", names: "socket", required: true },
    socket_backlog: { type: "integer", ...HERE, min: 1, max: 65535 },
    socket_owner: { type: "user_and_group", ...HERE },
    socket_mode: { type: "octal", ...HERE, max: 0o7777, default: "0700" },
  }),
  group: namedSection({
    programs: { type: "name_list", ...HERE, required: true },
    priority: { ...PRIORITY, ...HERE, default: "999" },
  }),
  rpcinterface: pluginSection("supervisor.rpcinterface_factory"),
  ctlplugin: pluginSection("supervisor.ctl_factory"),
}));

/**
 * Tells whether an option's value may say `%(here)s`, and so `%(here).0s`, which stands for nothing
 * and protects what supervisord's file would otherwise lose.
 */
export function knowsHere(spec: OptionSpec): boolean {
  return spec.names !== "environment";
}

/** Finds an option's description. */
export function findOption(sectionName: string, key: string): OptionSpec | undefined {
  const [kind = ""] = sectionName.split(":", 1);
  const spec = SUPERVISORD_SECTIONS.get(kind);
  return spec?.options.get(key) ?? (spec?.freeKeys === true ? FREE_OPTION : undefined);
}
