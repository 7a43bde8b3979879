/**
 * Every environment variable of standard-supervisor's own, in one table. It yields the parser, the
 * errors, `--help` and docs/variables.md. `SUPERVISOR_<SECTION>_<KEY>` is not here: those follow
 * supervisord's options.
 *
 * @module
 */
import { ENGINE_NAMES, type EngineChoice, parseEngineChoice } from "./engine_names.ts";
import { type HealthChoice, parseHealthChoice } from "./health_choice.ts";
import type { GiveUpExitCode } from "../policy/outcome.ts";
import {
  type MemoryAmount,
  parseInteger,
  parseLogLevel,
  parseMemory,
  parseWord,
} from "./setting_values.ts";
import type { LogFormat, LogLevel } from "../log/logger.ts";
import { isProgramName } from "../formats/section_header.ts";
import { splitShellWords } from "../formats/shell_words.ts";
import { BOOLEAN, parseBoolean } from "../formats/boolean.ts";

/** The values of {@linkcode SETTINGS}, parsed. */
export interface Settings {
  /** Which engine the command is. */
  readonly engine: EngineChoice;
  /** Whether supervisord runs the engine; otherwise it is launched directly. */
  readonly autoRecovery: boolean;
  /** Failed starts in a row that are retried. */
  readonly maxStartRetries: number;
  /** Recoveries inside the window; `Infinity` for no limit. */
  readonly maxRecoveryAttempts: number;
  /** The window, s. */
  readonly recoveryWindowSecs: number;
  /** Whether a failed start is retried even where its cause makes that hopeless. */
  readonly retriesHopeless: boolean;
  /** What to exit with after giving up. */
  readonly giveUpExitCode: GiveUpExitCode;
  /** Where to write why everything ended; `""` for Kubernetes' file. */
  readonly terminationLog: string;
  /** What to run for each event, as words; empty for nothing. */
  readonly onEvent: readonly string[];
  /** Programs besides the engine whose giving up ends the container. */
  readonly criticalPrograms: readonly string[];
  /** What to ask whether the engine works, or what decides about that. */
  readonly healthUrl: HealthChoice;
  /** What to run to learn whether the engine works, as words; empty for nothing. */
  readonly healthCommand: readonly string[];
  /** Between two probes, s. */
  readonly healthPeriodSecs: number;
  /** How long one probe may take, s. */
  readonly healthTimeoutSecs: number;
  /** So many failed probes in a row make the engine unhealthy. */
  readonly healthFailureThreshold: number;
  /** Whether failed probes do not count while the engine makes progress. */
  readonly healthBusyGrace: boolean;
  /** How long requests may run without any progress, s; 0 indefinitely. */
  readonly progressTimeoutSecs: number;
  /** Between two canaries, s; 0 for none. */
  readonly canaryPeriodSecs: number;
  /** How long a canary may take, s. */
  readonly canaryTimeoutSecs: number;
  /** What to run as a canary, as words; empty for a request that the engine's kind tells. */
  readonly canaryCommand: readonly string[];
  /** How long an engine that hangs may take to end once it was told, s. */
  readonly hangGraceSecs: number;
  /** Where what is seen of an engine that hangs is kept; `""` for nowhere. */
  readonly evidenceDir: string;
  /** How long collecting that may delay its stop, s. */
  readonly hangEvidenceSecs: number;
  /** How long the engine may take to its first good probe, s. */
  readonly startupTimeoutSecs: number;
  /** How long a restart may wait for dead workers to let go of the GPU, s. */
  readonly gpuReleaseTimeoutSecs: number;
  /** The memory past which the engine is recycled. */
  readonly maxEngineMemory: MemoryAmount;
  /** What a crash of an engine that is one of several leads to. */
  readonly groupRestart: "auto" | "container" | "process";
  /** Whether files that a dead engine left in shared memory and TMPDIR are removed. */
  readonly shmCleanup: "auto" | "off";
  /** Whether the engine's output goes through us, so that the last of it is kept. */
  readonly logEvidence: boolean;
  /** Where the status is served over HTTP; 0 for nowhere. */
  readonly statusPort: number;
  /** The address that serves it. */
  readonly statusHost: string;
  /** The least level that is logged. */
  readonly logLevel: LogLevel;
  /** How events are logged. */
  readonly logFormat: LogFormat;
  /** Whether Python packages are installed before the engine starts. */
  readonly autoInstall: boolean;
  /** Arguments of `pip install` in place of what the model's directory asks for, as words. */
  readonly pipArgs: readonly string[];
  /** The directory of the model, where `requirements.txt` may stand. */
  readonly modelPath: string;
  /** What the engine's program is called in supervisord's configuration; `""` for the usual name. */
  readonly programName: string;
  /** Where the configuration is written. */
  readonly configPath: string;
  /** supervisord's executable; `""` to look for it. */
  readonly supervisordPath: string;
  /** Whether unknown `SUPERVISOR_*` sections and keys are only warned of. */
  readonly allowUnknown: boolean;
}

/** One environment variable. */
export interface Setting<T> {
  /** Its name. */
  readonly name: string;
  /** Older or other names for it, in the order in which they count after `name`. */
  readonly aliases: readonly string[];
  /** What it takes, as in "Cannot read NAME as …". */
  readonly expected: string;
  /** What it is where it is unset or empty, as text. */
  readonly defaultText: string;
  /** What it does, one sentence. */
  readonly description: string;
  /** Parses a value, `defaultText` among them; `undefined` where it cannot. */
  readonly parse: (text: string) => T | undefined;
}

/** Every variable, in the order in which `--help` and docs/variables.md list them. */
export const SETTINGS: { readonly [K in keyof Settings]: Setting<Settings[K]> } = {
  engine: {
    name: "PROCESS_ENGINE",
    aliases: [],
    expected: `one of auto, none, ${ENGINE_NAMES.join(", ")}`,
    defaultText: "auto",
    description:
      "Which engine the command is; auto tells it from the command. See docs/engines.md.",
    parse: parseEngineChoice,
  },
  autoRecovery: {
    name: "PROCESS_AUTO_RECOVERY",
    aliases: ["ENGINE_AUTO_RECOVERY"],
    expected: BOOLEAN,
    defaultText: "true",
    description:
      "Recover the engine from crashes. false: launch it directly, without supervisord; it replaces standard-supervisor.",
    parse: parseBoolean,
  },
  maxStartRetries: {
    name: "PROCESS_MAX_START_RETRIES",
    aliases: [],
    expected: "an integer from 0 to 100",
    defaultText: "3",
    description:
      "Failed starts of the engine in a row that are retried, the n-th after n seconds; a critical program's startretries are its own.",
    parse: (text) => parseInteger(text, 0, 100),
  },
  maxRecoveryAttempts: {
    name: "PROCESS_MAX_RECOVERY_ATTEMPTS",
    aliases: ["ENGINE_MAX_RECOVERY_ATTEMPTS"],
    expected: "an integer from 0 to 100, or unlimited",
    defaultText: "3",
    description: "Crashes after a good start that are recovered from inside the window.",
    parse: (text) => text.toLowerCase() === "unlimited" ? Infinity : parseInteger(text, 0, 100),
  },
  recoveryWindowSecs: {
    name: "PROCESS_RECOVERY_WINDOW_SECS",
    aliases: [],
    expected: "an integer from 1 to 31536000",
    defaultText: "3600",
    description: "The rolling window of PROCESS_MAX_RECOVERY_ATTEMPTS, s.",
    parse: (text) => parseInteger(text, 1, 31_536_000),
  },
  retriesHopeless: {
    name: "PROCESS_RETRY_HOPELESS",
    aliases: [],
    expected: BOOLEAN,
    defaultText: "false",
    description:
      "Retry a failed start even where its cause makes that hopeless: wrong arguments, a port that a stranger holds, no usable GPU.",
    parse: parseBoolean,
  },
  giveUpExitCode: {
    name: "PROCESS_GIVE_UP_EXIT_CODE",
    aliases: [],
    expected: "an integer from 1 to 255, or engine, or cause",
    defaultText: "1",
    description:
      "What to exit with after giving up; engine: the last exit code of the engine, or of the critical program (1 where that was 0); cause: one that tells why it died, see docs/exit_codes.md.",
    parse: (text) => {
      const word = text.toLowerCase();
      return word === "engine" || word === "cause" ? word : parseInteger(text, 1, 255);
    },
  },
  terminationLog: {
    name: "PROCESS_TERMINATION_LOG",
    aliases: [],
    expected: "a path",
    defaultText: "",
    description:
      "Where to write why everything ended though nobody asked for it, 4,096 bytes at most; else /dev/termination-log, where Kubernetes has put that. /dev/null: nowhere.",
    parse: (text) => text.includes("\0") ? undefined : text,
  },
  onEvent: {
    name: "PROCESS_ON_EVENT",
    aliases: [],
    expected: "a command, quoted as for a shell",
    defaultText: "",
    description:
      "What to run for each event, without a shell, with its record in JSON on stdin: see docs/events.md. It has 10 s.",
    parse: splitShellWords,
  },
  criticalPrograms: {
    name: "PROCESS_CRITICAL_PROGRAMS",
    aliases: [],
    expected: "a comma-separated list of programs",
    defaultText: "",
    description:
      "Programs without which the container cannot go on: they are restarted within the engine's limits, and their end is the container's.",
    parse: (text) => text.split(",").map((name) => name.trim()).filter((name) => name !== ""),
  },
  healthUrl: {
    name: "PROCESS_HEALTH_URL",
    aliases: [],
    expected: "a URL that starts with http:// or https://, auto, or none",
    defaultText: "",
    description:
      "What to ask whether the engine works: a status from 200 to 399 is healthy; the first good answer ends its start. " +
      "auto: the path of an engine that is known. Unset, that path tells when it has started, and judges nothing; none: not even that.",
    parse: parseHealthChoice,
  },
  healthCommand: {
    name: "PROCESS_HEALTH_COMMAND",
    aliases: [],
    expected: "a command, quoted as for a shell",
    defaultText: "",
    description: "What to run instead, without a shell: exit code 0 is healthy.",
    parse: splitShellWords,
  },
  healthPeriodSecs: {
    name: "PROCESS_HEALTH_PERIOD_SECS",
    aliases: [],
    expected: "an integer from 1 to 86400",
    defaultText: "10",
    description: "Between two probes of an engine that has started, s.",
    parse: (text) => parseInteger(text, 1, 86_400),
  },
  healthTimeoutSecs: {
    name: "PROCESS_HEALTH_TIMEOUT_SECS",
    aliases: [],
    expected: "an integer from 1 to 3600",
    defaultText: "5",
    description: "How long one probe may take, s.",
    parse: (text) => parseInteger(text, 1, 3600),
  },
  healthFailureThreshold: {
    name: "PROCESS_HEALTH_FAILURE_THRESHOLD",
    aliases: [],
    expected: "an integer from 1 to 1000",
    defaultText: "3",
    description:
      "So many failed probes in a row make a started engine unhealthy: it is stopped with its own signal and grace, and recovered.",
    parse: (text) => parseInteger(text, 1, 1000),
  },
  healthBusyGrace: {
    name: "PROCESS_HEALTH_BUSY_GRACE",
    aliases: [],
    expected: BOOLEAN,
    defaultText: "true",
    description:
      "Failed probes do not count while the engine makes progress, where its metrics are known (docs/engines.md).",
    parse: parseBoolean,
  },
  progressTimeoutSecs: {
    name: "PROCESS_PROGRESS_TIMEOUT_SECS",
    aliases: [],
    expected: "an integer from 0 to 86400",
    defaultText: "0",
    description:
      "An engine that is known hangs where requests run and nothing that it counts has moved for so long, s; longer than its longest step. 0: nobody looks.",
    parse: (text) => parseInteger(text, 0, 86_400),
  },
  canaryPeriodSecs: {
    name: "PROCESS_CANARY_PERIOD_SECS",
    aliases: [],
    expected: "an integer from 0 to 86400",
    defaultText: "0",
    description:
      "How often an engine that makes no progress is asked for one token, s; PROCESS_HEALTH_FAILURE_THRESHOLD unanswered ones are a hang. 0: never.",
    parse: (text) => parseInteger(text, 0, 86_400),
  },
  canaryTimeoutSecs: {
    name: "PROCESS_CANARY_TIMEOUT_SECS",
    aliases: [],
    expected: "an integer from 1 to 3600",
    defaultText: "30",
    description: "How long a canary may take, s.",
    parse: (text) => parseInteger(text, 1, 3600),
  },
  canaryCommand: {
    name: "PROCESS_CANARY_COMMAND",
    aliases: [],
    expected: "a command, quoted as for a shell",
    defaultText: "",
    description:
      "What to run as a canary instead, without a shell, of an engine of any kind: exit code 0 is an answer.",
    parse: splitShellWords,
  },
  hangGraceSecs: {
    name: "PROCESS_HANG_GRACE_SECS",
    aliases: [],
    expected: "an integer from 0 to 3600",
    defaultText: "5",
    description:
      "How long an engine that is stopped because it hangs may take to end, s, never more than its stopwaitsecs: it cannot drain.",
    parse: (text) => parseInteger(text, 0, 3600),
  },
  evidenceDir: {
    name: "PROCESS_EVIDENCE_DIR",
    aliases: [],
    expected: "a path",
    defaultText: "",
    description:
      "A directory for what is seen of an engine that hangs, before it is stopped: what each thread waits for, and py-spy's stacks where it is on PATH. The newest 20 files are kept.",
    parse: (text) => text.includes("\0") ? undefined : text,
  },
  hangEvidenceSecs: {
    name: "PROCESS_HANG_EVIDENCE_SECS",
    aliases: [],
    expected: "an integer from 1 to 300",
    defaultText: "5",
    description: "How long collecting that may delay its stop, s.",
    parse: (text) => parseInteger(text, 1, 300),
  },
  startupTimeoutSecs: {
    name: "PROCESS_STARTUP_TIMEOUT_SECS",
    aliases: [],
    expected: "an integer from 1 to 604800",
    defaultText: "1800",
    description:
      "How long the engine may take to its first good probe, s; longer is a failed start. Where PROCESS_HEALTH_URL is unset, it counts as started after that.",
    parse: (text) => parseInteger(text, 1, 604_800),
  },
  gpuReleaseTimeoutSecs: {
    name: "PROCESS_GPU_RELEASE_TIMEOUT_SECS",
    aliases: [],
    expected: "an integer from 0 to 3600",
    defaultText: "30",
    description:
      "How long a restart may wait for dead workers to let go of /dev/nvidia*, /dev/kfd and /dev/dri/*, s.",
    parse: (text) => parseInteger(text, 0, 3600),
  },
  maxEngineMemory: {
    name: "PROCESS_MAX_ENGINE_MEMORY",
    aliases: [],
    expected:
      "bytes with or without a unit (40GiB, 512m), a part of the container's limit (85%), or none",
    defaultText: "",
    description:
      "Recycle the engine past so much memory of its own: drained and started again, which counts as no crash. See docs/engines.md.",
    parse: parseMemory,
  },
  groupRestart: {
    name: "PROCESS_GROUP_RESTART",
    aliases: [],
    expected: "one of auto, container, process",
    defaultText: "auto",
    description:
      "What a crash leads to where the engine is one of several nodes: container ends the container at once with the engine's code, process restarts it here; auto is container where it is proven to be one. See docs/engines.md.",
    parse: (text) => parseWord(text, ["auto", "container", "process"]),
  },
  shmCleanup: {
    name: "PROCESS_SHM_CLEANUP",
    aliases: [],
    expected: "one of auto, off",
    defaultText: "auto",
    description:
      "Remove what a dead engine left in /dev/shm and TMPDIR, where it is proven that nobody uses it. See docs/engines.md.",
    parse: (text) => parseWord(text, ["auto", "off"]),
  },
  logEvidence: {
    name: "PROCESS_LOG_EVIDENCE",
    aliases: [],
    expected: BOOLEAN,
    defaultText: "on",
    description:
      "Pass the engine's output through standard-supervisor and keep the last 64 KiB of each stream, to tell why it died. off: supervisord writes straight to the container's output.",
    parse: parseBoolean,
  },
  statusPort: {
    name: "PROCESS_STATUS_PORT",
    aliases: [],
    expected: "an integer from 1 to 65535",
    defaultText: "",
    description:
      "Serve the status over HTTP on this port: /livez, /readyz, /status, /metrics, and a page at /. See docs/status_port.md.",
    parse: (text) => text === "" ? 0 : parseInteger(text, 1, 65_535),
  },
  statusHost: {
    name: "PROCESS_STATUS_HOST",
    aliases: [],
    expected: "an address or a name of this machine",
    defaultText: "127.0.0.1",
    description:
      "The address of PROCESS_STATUS_PORT; 0.0.0.0 to serve everybody who reaches the container.",
    parse: (text) => /^\[?([\w.:%-]+)\]?$/.exec(text)?.[1],
  },
  logLevel: {
    name: "LOG_LEVEL",
    aliases: ["SAGEMAKER_CONTAINER_LOG_LEVEL"],
    expected: "one of debug, info, warn, error, critical, or one of Python's numbers for them",
    defaultText: "info",
    description: "The least level that standard-supervisor and supervisord log.",
    parse: parseLogLevel,
  },
  logFormat: {
    name: "LOG_FORMAT",
    aliases: [],
    expected: "one of text, json",
    defaultText: "text",
    description: "One line of text an event, or one JSON object.",
    parse: (text) => {
      const format = text.toLowerCase();
      return format === "text" || format === "json" ? format : undefined;
    },
  },
  autoInstall: {
    name: "STANDARD_AUTO_INSTALL_REQ",
    aliases: [],
    expected: BOOLEAN,
    defaultText: "true",
    description:
      "Install requirements.txt of SAGEMAKER_MODEL_PATH, where there is one, before the engine starts.",
    parse: parseBoolean,
  },
  pipArgs: {
    name: "STANDARD_PIP_ARGS",
    aliases: [],
    expected: "arguments of pip install, quoted as for a shell",
    defaultText: "",
    description:
      "What to install instead, for example -r /path/requirements.txt; no shell expands it.",
    parse: splitShellWords,
  },
  modelPath: {
    name: "SAGEMAKER_MODEL_PATH",
    aliases: [],
    expected: "a path",
    defaultText: "/opt/ml/model",
    description:
      "The model's directory. Where requirements/ stands in it too, packages are also looked for there.",
    parse: (text) => text.includes("\0") ? undefined : text,
  },
  programName: {
    name: "PROCESS_PROGRAM_NAME",
    aliases: [],
    expected: "a program's name, without white space and []:/%;#=,",
    defaultText: "",
    description:
      "The engine's program in supervisord's file; else app where variables address it as APP only, else llm_engine.",
    parse: (text) => text === "" || isProgramName(text) ? text : undefined,
  },
  configPath: {
    name: "SUPERVISOR_CONFIG_PATH",
    aliases: [],
    expected: "a path",
    defaultText: "/tmp/supervisord.conf",
    description:
      "Where the rendered configuration is written; kept at exit where set, else removed.",
    parse: (text) => text.includes("\0") ? undefined : text,
  },
  supervisordPath: {
    name: "SUPERVISORD_PATH",
    aliases: [],
    expected: "a path",
    defaultText: "",
    description:
      "supervisord's executable; else the first on PATH, else the one beside the command's Python, else that module of Python's.",
    parse: (text) => text,
  },
  allowUnknown: {
    name: "SUPERVISOR_ALLOW_UNKNOWN",
    aliases: [],
    expected: BOOLEAN,
    defaultText: "false",
    description: "Warn of unknown SUPERVISOR_* sections and keys instead of refusing them.",
    parse: parseBoolean,
  },
};
