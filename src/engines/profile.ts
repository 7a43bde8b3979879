/**
 * What is known of an engine, as data.
 *
 * @module
 */
import type { EngineName } from "../configuration/engine_names.ts";
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
  /** Arguments that are such a file by their own names. */
  readonly fileNames?: RegExp;
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
  /** Gauges that are above 0 while requests run or wait; empty where nothing tells that. */
  readonly running: readonly string[];
  /**
   * Values that change whenever work is done, also in the middle of a long request, and never by a
   * request's coming or by a question of ours.
   */
  readonly progress: readonly string[];
  /** The label that tells engines apart which work by themselves. */
  readonly groupBy?: string;
  /** Whether they are answered by what does the work, so that no answer is no progress. */
  readonly answeredByWorker?: true;
}

/** A request for one token. */
export interface EngineCanary {
  /** Its path. */
  readonly path: string;
  /** What is sent, as JSON. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Where the model's name is learned, which is sent as `model`. */
  readonly modelsPath?: string;
}

/** The canary of every server that speaks OpenAI's language. */
export const OPENAI_CANARY: EngineCanary = {
  path: "/v1/completions",
  json: { prompt: "1", max_tokens: 1, temperature: 0 },
  modelsPath: "/v1/models",
};

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
  /** Whether it opens its port only once it serves: told of those that have no path for it. */
  readonly listensWhenReady?: true;
  /** Whether it opens its port before it serves: it has not started before that, and `startsecs` decides then. */
  readonly listensEarly?: true;
  /** Its metrics. */
  readonly metrics?: EngineMetrics;
  /** How one token is asked for. */
  readonly canary?: EngineCanary;
  /** The key without which it answers 401. */
  readonly apiKey?: Source;
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
