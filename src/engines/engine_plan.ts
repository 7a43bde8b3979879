/**
 * What of an engine can be watched, told from its command: when it has started, whether it works,
 * whether it makes progress, how one token is asked for.
 *
 * @module
 */
import type { EngineChoice } from "../configuration/engine_names.ts";
import {
  type EngineAddress,
  findAddress,
  findMetricsUrl,
  readSecret,
  renderUrl,
} from "./address.ts";
import type { EngineProfile } from "./profile.ts";
import { type Engine, recognizeEngine } from "./recognize.ts";

/** What to ask: a path, or merely whether somebody listens. */
export type StartQuestion =
  | { readonly kind: "http"; readonly url: string; readonly port: number }
  | { readonly kind: "tcp"; readonly hostname: string; readonly port: number };

/** Which metrics tell it. */
export interface ProgressNames {
  /** Those above 0 while requests run or wait. */
  readonly running: readonly string[];
  /** Those that change whenever work is done. */
  readonly progress: readonly string[];
  /** The label that tells engines apart which work by themselves. */
  readonly groupBy?: string | undefined;
}

/** Where an engine's metrics are, and what they tell. */
export interface MetricsQuestion extends ProgressNames {
  /** Where to ask. */
  readonly url: string;
  /** Whether they are answered by what does the work, so that no answer is no progress. */
  readonly answeredByWorker?: boolean | undefined;
  /** A key to show. */
  readonly bearer?: string | undefined;
}

/** A request for one token. */
export interface CanaryQuestion {
  /** Where to ask. */
  readonly url: string;
  /** What to send, as JSON. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Where to learn the model's name, which is sent as `model`; `undefined` where none is needed. */
  readonly modelsUrl?: string | undefined;
  /** A key to show. */
  readonly bearer?: string | undefined;
}

/** What can be watched; what cannot is `undefined`. */
export interface WatchPlan {
  /** The engine's name for people. */
  readonly title: string;
  /** What tells when it has started. */
  readonly start: StartQuestion | undefined;
  /** Its path for health. */
  readonly health: {
    /** Until it has started. */
    readonly startUrl: string;
    /** From then on. */
    readonly url: string;
  } | undefined;
  /** What tells whether it makes progress. */
  readonly metrics: MetricsQuestion | undefined;
  /** A request for one token. */
  readonly canary: CanaryQuestion | undefined;
}

/** Finds what of an engine can be watched. */
export function planWatch(
  argv: readonly string[],
  choice: EngineChoice,
  env: Readonly<Record<string, string | undefined>>,
): WatchPlan {
  const engine = recognizeEngine(argv, choice);
  const { profile } = engine;
  const address = findAddress(engine, env);
  // A host such as `fe80::1%eth0` is in no URL.
  if (address === undefined || !URL.canParse(renderUrl(address, "/"))) {
    return { ...UNWATCHED, title: profile.title };
  }
  const { healthPath, canary } = profile;
  const bearer = readSecret(engine, env);
  return {
    title: profile.title,
    start: isSure(argv, engine, address) ? findStart(profile, address) : undefined,
    health: healthPath === undefined ? undefined : {
      startUrl: renderUrl(address, profile.readyPath ?? healthPath),
      url: renderUrl(address, healthPath),
    },
    metrics: findMetrics(engine, address, env, bearer),
    canary: canary === undefined ? undefined : {
      url: renderUrl(address, canary.path),
      json: canary.json,
      modelsUrl: canary.modelsPath === undefined
        ? undefined
        : renderUrl(address, canary.modelsPath),
      bearer,
    },
  };
}

const UNWATCHED = { start: undefined, health: undefined, metrics: undefined, canary: undefined };

/** A script of somebody's own may have any port, whatever `PROCESS_ENGINE` says that it starts. */
function isSure(argv: readonly string[], engine: Engine, address: EngineAddress): boolean {
  return address.origin === "argument" || recognizeEngine(argv).profile === engine.profile;
}

function findStart(profile: EngineProfile, address: EngineAddress): StartQuestion | undefined {
  const { port } = address;
  const path = profile.readyPath ?? profile.healthPath;
  if (path !== undefined) return { kind: "http", url: renderUrl(address, path), port };
  if (profile.listensWhenReady !== true && profile.listensEarly !== true) return undefined;
  return { kind: "tcp", hostname: address.connectHost.replaceAll(/[[\]]/g, ""), port };
}

function findMetrics(
  engine: Engine,
  address: EngineAddress,
  env: Readonly<Record<string, string | undefined>>,
  bearer: string | undefined,
): MetricsQuestion | undefined {
  const { metrics } = engine.profile;
  const url = findMetricsUrl(engine, address, env);
  if (metrics === undefined || url === undefined || metrics.running.length === 0) return undefined;
  const { running, progress, groupBy, answeredByWorker } = metrics;
  return { url, running, progress, groupBy, answeredByWorker, bearer };
}
