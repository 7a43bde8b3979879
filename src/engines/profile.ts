/**
 * What is known of an engine, as data.
 *
 * @module
 */
import type { EngineName } from "../settings/engine_names.ts";
import type { CauseRule } from "./cause.ts";

/** One way to start an engine. */
export interface EngineCommand {
  /** The program's name, without its directory. */
  readonly program?: string;
  /** The module of `python -m`; one of its submodules counts too where it ends with a dot. */
  readonly module?: string;
  /** The end of the path of a Python script. */
  readonly script?: string;
  /** Words that must follow, in this order, options aside. */
  readonly subcommands?: readonly string[];
}

/** Where one of an engine's values comes from, the first that is there. */
export interface Source {
  /** Options whose value it is; the last one given counts. */
  readonly options: readonly string[];
  /** Environment variables that give it. */
  readonly variables: readonly string[];
  /** What it is else; `undefined` where that depends on what only a file says. */
  readonly fallback: string | undefined;
}

/** Where an engine listens. */
export interface Listening {
  /** The address. */
  readonly host: Source;
  /** The port. */
  readonly port: Source;
  /** Options that take address and port in one, such as gunicorn's `--bind`. */
  readonly bind?: readonly string[];
  /** Options that make it listen on a Unix socket instead. */
  readonly socket?: readonly string[];
  /** Options that name a file which may say it too: what no argument says is unknown then. */
  readonly files?: readonly string[];
  /** Options that make it speak TLS. */
  readonly tls?: readonly string[];
}

/** Metrics in Prometheus's text format. */
export interface EngineMetrics {
  /** Its path. */
  readonly path: string;
  /** Where the port is another than the engine's. */
  readonly port?: Source;
  /** The option without which there are none. */
  readonly option?: string;
  /** Gauges that are above 0 while requests run or wait. */
  readonly running: readonly string[];
  /** Counters that move whenever work is done. */
  readonly progress: readonly string[];
}

/** What is known of an engine. */
export interface EngineProfile {
  /** Its name. */
  readonly name: EngineName;
  /** Its name for people. */
  readonly title: string;
  /** How it is started. */
  readonly commands: readonly EngineCommand[];
  /** Where it listens; absent where only its own code says so. */
  readonly listening?: Listening;
  /** Answers with 200 while the server lives, and not before it serves where `readyPath` is absent. */
  readonly healthPath?: string;
  /** Answers with 200 only once a model can be asked. */
  readonly readyPath?: string;
  /** Its metrics. */
  readonly metrics?: EngineMetrics;
  /** Its own words for causes. */
  readonly causes: readonly CauseRule[];
  /** Names of its files in `/dev/shm`, open or mapped as long as they are used. */
  readonly shmNames: readonly RegExp[];
  /** Names of its sockets in TMPDIR. */
  readonly tmpSockets: readonly RegExp[];
  /** Its files in TMPDIR, which it does not keep open while it uses them, and who may use them. */
  readonly tmpFiles?: readonly { readonly name: RegExp; readonly users: RegExp }[];
}

/** Names that Python's multiprocessing and PyTorch leave in `/dev/shm`. */
export const PYTHON_SHM_NAMES: readonly RegExp[] = [/^psm_[0-9a-f]+$/, /^sem\.mp-/, /^torch_\d+_/];

/** Names that NCCL leaves in `/dev/shm`. */
export const NCCL_SHM_NAMES: readonly RegExp[] = [/^nccl-/];
