/**
 * Where an engine listens, told from its arguments, the environment and its defaults.
 *
 * @module
 */
import type { Listening, Source } from "./profile.ts";
import type { Engine } from "./recognize.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Where a value came from. */
export type Origin = "argument" | "environment" | "default";

/** Where an engine listens. */
export interface EngineAddress {
  /** The address it binds. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /** Where the port came from. */
  readonly origin: Origin;
  /** What to connect to from this machine. */
  readonly connectHost: string;
  /** `https` where it was given a certificate. */
  readonly scheme: "http" | "https";
}

/** Addresses that mean every one of this machine's, and what reaches them. */
const EVERY_ADDRESS: Readonly<Record<string, string>> = {
  "": "127.0.0.1",
  "0.0.0.0": "127.0.0.1",
  "::": "[::1]",
  "[::]": "[::1]",
  "*": "127.0.0.1",
};

/** An option's values, in the order given: `--port 1`, `--port=1`, `-p 1`; `_` counts as `-`. */
export function readOption(args: readonly string[], names: readonly string[]): string[] {
  const same = (word: string) => word.startsWith("--") ? word.replaceAll("_", "-") : word;
  const wanted = new Set(names.map(same));
  const values: string[] = [];
  for (const [at, word] of args.entries()) {
    const equals = word.startsWith("--") ? word.indexOf("=") : -1;
    if (equals > 0) {
      if (wanted.has(same(word.slice(0, equals)))) values.push(word.slice(equals + 1));
    } else if (wanted.has(same(word))) values.push(args[at + 1] ?? "");
  }
  return values;
}

function hasOption(args: readonly string[], names: readonly string[] = []): boolean {
  return readOption(args, names).length > 0;
}

function hasFile(args: readonly string[], { files, fileNames }: Listening): boolean {
  return hasOption(args, files) || args.some((word) => fileNames?.test(word) === true);
}

/** What a shell makes of `$PORT`; `undefined` where a variable is not set. */
export function expandVariables(text: string, env: Env): string | undefined {
  let isKnown = true;
  const expanded = text.replaceAll(
    /\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})/g,
    (_, bare?: string, braced?: string, fallback?: string) => {
      const value = env[bare ?? braced ?? ""] || fallback;
      if (value === undefined) isKnown = false;
      return value ?? "";
    },
  );
  return isKnown ? expanded : undefined;
}

interface Found {
  readonly text: string | undefined;
  readonly origin: Origin;
}

function readSource(source: Source, args: readonly string[], env: Env): Found {
  const given = readOption(args, source.options).at(-1);
  if (given !== undefined) return { text: expandVariables(given, env), origin: "argument" };
  const set = source.variables.map((name) => env[name]).find((value) =>
    value !== undefined && value !== ""
  );
  return set === undefined
    ? { text: source.fallback, origin: "default" }
    : { text: set, origin: "environment" };
}

function readPort(text: string | undefined): number | undefined {
  const port = /^\d{1,5}$/.test(text?.trim() ?? "") ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** `0.0.0.0:8000`, `:8000`, `[::]:8000`, `8000`; `undefined` for a Unix socket or a descriptor. */
function splitBind(text: string): { host: string; port: string } | undefined {
  const [, host, port] = /^(?:(\[[^\]]*\]|[^:/]*):)?(\d+)$/.exec(text) ?? [];
  return port === undefined ? undefined : { host: host ?? "", port };
}

/** Tells where an engine listens. */
export function findAddress(engine: Engine, env: Env): EngineAddress | undefined {
  const { profile: { listening }, args, assigned } = engine;
  if (listening === undefined) return undefined;
  const all = { ...env, ...assigned };
  if (hasOption(args, listening.socket)) return undefined;
  const { host, port } = readHostAndPort(listening, args, all);
  const number = readPort(port.text);
  if (host === undefined || number === undefined) return undefined;
  if (port.origin !== "argument" && hasFile(args, listening)) return undefined;
  const bare = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return {
    host,
    port: number,
    origin: port.origin,
    connectHost: EVERY_ADDRESS[host] ?? bare,
    scheme: hasOption(args, listening.tls) ? "https" : "http",
  };
}

function readHostAndPort(
  listening: Listening,
  args: readonly string[],
  env: Env,
): { host: string | undefined; port: Found } {
  const bound = readOption(args, listening.bind ?? []).at(0);
  if (bound !== undefined) {
    const split = splitBind(expandVariables(bound, env) ?? "");
    return { host: split?.host, port: { text: split?.port, origin: "argument" } };
  }
  return {
    host: readSource(listening.host, args, env).text,
    port: readSource(listening.port, args, env),
  };
}

/** The URL of one of an engine's paths. */
export function renderUrl(address: EngineAddress, path: string): string {
  return `${address.scheme}://${address.connectHost}:${address.port}${path}`;
}

/** The URL of an engine's metrics. */
export function findMetricsUrl(
  engine: Engine,
  address: EngineAddress,
  env: Env,
): string | undefined {
  const { profile: { metrics }, args, assigned } = engine;
  if (metrics === undefined) return undefined;
  if (metrics.option !== undefined && !args.includes(metrics.option)) return undefined;
  if (metrics.port === undefined) return renderUrl(address, metrics.path);
  const port = readPort(readSource(metrics.port, args, { ...env, ...assigned }).text);
  return port === undefined ? undefined : renderUrl({ ...address, port }, metrics.path);
}

/** Finds the key that an engine wants to be shown. */
export function readSecret({ profile, args, assigned }: Engine, env: Env): string | undefined {
  if (profile.apiKey === undefined) return undefined;
  return readSource(profile.apiKey, args, { ...env, ...assigned }).text || undefined;
}

/** Says which engine was recognized and where it listens, for people. */
export function describeEngine(engine: Engine, env: Env): string {
  const { profile } = engine;
  if (profile.commands.length === 0) {
    return "the engine is none that is known (PROCESS_ENGINE says which it is)";
  }
  const address = findAddress(engine, env);
  const where = address === undefined
    ? "where it listens is not known"
    : `it listens on port ${address.port} (${ORIGINS[address.origin]})`;
  const path = profile.readyPath ?? profile.healthPath;
  const health = address === undefined || path === undefined
    ? ""
    : `, its health is at ${renderUrl(address, path)}`;
  const metricsUrl = address === undefined ? undefined : findMetricsUrl(engine, address, env);
  const metrics = metricsUrl === undefined ? "" : `, its metrics at ${metricsUrl}`;
  return `the engine is ${profile.title} (PROCESS_ENGINE=${profile.name}): ${where}${health}${metrics}`;
}

const ORIGINS: Readonly<Record<Origin, string>> = {
  argument: "as its arguments say",
  environment: "as the environment says",
  default: "its default",
};
